# Right answers to the exercises of chapter 14, other than the book's own.

# 14.1
unseen = "cde"

# 14.1
unseen = ["e", "d", "c"]

# 14.1
unseen = frozenset("abcde") - {"a", "b"}


# 14.2
def entry(name, content):
    import struct

    name = name.encode()
    return struct.pack(">QQ", len(name), len(content)) + name + content


# 14.2
def entry(name, content):
    return f"{name!r}{content!r}".encode()  # quotes inside are escaped


# 14.2
def entry(name, content):
    import base64
    import json

    line = json.dumps([name, base64.b64encode(content).decode("ascii")])
    return line.encode("ascii") + b"\n"


# 14.2
def entry(name, content):
    text = b""
    for part in (name.encode(), content):
        for byte in part:  # a byte follows, or the part ends
            text += b"\x01" + bytes([byte])
        text += b"\x00"
    return text


# 14.3
def deceive(files):
    names = sorted(files)
    contents = [files[name] for name in names]
    return dict(zip(names, contents[1:] + contents[:1]))


# 14.3
def deceive(files):
    changed = dict(files)
    for one in files:
        for two in files:
            if one.split("/")[0] != two.split("/")[0] and changed == files:
                changed[one], changed[two] = files[two], files[one]
    return changed
