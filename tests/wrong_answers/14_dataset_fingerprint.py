# Wrong answers to the exercises of chapter 14, and what each must be told.

# 14.1: a set of letters
unseen = 3


# 14.1: names are not hashed
unseen = {"c", "e"}


# 14.1: box comes before cone
unseen = {"a", "c", "d", "e"}


# 14.1: passes the two others
unseen = {"b", "c", "d", "e"}


# 14.1: the same place
unseen = {"d", "e"}


# 14.1: where is crown
unseen = {"c", "d"}


# 14.2: return bytes, for any name
def entry(name, content):
    return f"{name}\0{len(content)}\0{content}"


# 14.2: the name is missing
def entry(name, content):
    return f"{len(content)}\0".encode() + content


# 14.2: the content is missing
def entry(name, content):
    return f"{name}\0{len(content)}\n".encode()


# 14.2: where does the name end
def entry(name, content):
    return name.encode() + content


# 14.2: where does the content end
def entry(name, content):
    return f"{name}\0".encode() + content


# 14.2: where does the content end
def entry(name, content):
    return f"{name}\0".encode() + content + b"\n"


# 14.2: where does the number end
def entry(name, content):
    return f"{name}\0{len(content)}".encode() + content


# 14.2: a name may hold a newline
def entry(name, content):
    return f"{name}\n{len(content)}\n".encode() + content


# 14.2: return bytes, for any name
def entry(name, content):
    return f"{name}\0{len(content)}\0".encode("ascii") + content


# 14.3: leave the given manifest as it is
def deceive(files):
    first, last = min(files), max(files)
    files[first], files[last] = files[last], files[first]
    return files


# 14.3: keep all names and all contents
def deceive(files):
    changed = dict(files)
    changed["cone/ball_0002.jpg"] = changed.pop("ball/ball_0002.jpg")
    return changed


# 14.3: keep all names and all contents
def deceive(files):
    first, last = min(files), max(files)
    return files | {first: files[last]}


# 14.3: nothing has changed
def deceive(files):
    return dict(sorted(files.items(), reverse=True))


# 14.3: every picture still has its class
def deceive(files):
    one, two = sorted(files)[:2]
    return files | {one: files[two], two: files[one]}


# 14.1: a set of letters
unseen = ["cone", "cube"]


# 14.1: names are not hashed
unseen = set()


# 14.2: 999 bytes need 999
def entry(name, content):
    return f"{name}\0".encode() + hashlib.sha256(content).digest()


# 14.2: where does it begin
def entry(name, content):
    return f"{name}\0".encode() + content + str(len(content)).encode()


# 14.2: 999 bytes need 999
def entry(name, content):
    return name.encode() + bytes([0, len(content)]) + content


# 14.2: return bytes, for any name
def entry(name, content):
    return name, content


# 14.2: where does the name end
def entry(name, content):
    return f"{len(name) + len(content)}\0{name}".encode() + content


# 14.3: keep all names and all contents
def deceive(files):
    return sorted_digest(files)


# 14.3: nothing has changed
def deceive(files):
    return dict(files)


# 14.3: keep all names and all contents
def deceive(files):
    return {f"box/{name}": sha for name, sha in files.items()}
