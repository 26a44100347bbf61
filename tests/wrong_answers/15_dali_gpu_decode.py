# Wrong answers to the exercises of chapter 15, and what each must be told.

# 15.1: four numbers in a list
answer = [1024, 1000, 896]

# 15.1: the last batch is full too
answer = [1000, 1000, 896, 0]

# 15.1: each picture once
answer = [1024, 1024, 896, 24]

# 15.1: whole batches of new pictures only
answer = [1024, 1000, 1000, 24]

# 15.1: the reader has run on
answer = [1024, 1000, 896, 0]


# 15.2: two lists of the same length
def files_and_labels(root):
    return sorted(Path(root).rglob("*.jpg"))


# 15.2: paths as text
def files_and_labels(root):
    files = sorted(Path(root).glob("[!.]*/**/[!.]*.jpg"))
    return files, [0] * len(files)


# 15.2: pictures only
def files_and_labels(root):
    files = sorted(str(p) for p in Path(root).rglob("*") if p.is_file())
    return files, [0] * len(files)


# 15.2: the nested picture is missing
def files_and_labels(root):
    files = sorted(str(p) for p in Path(root).glob("[!.]*/*.jpg"))
    return files, ["abc".index(Path(p).parent.name) for p in files]


# 15.2: a hidden folder is searched
def files_and_labels(root):
    dataset = torchvision.datasets.ImageFolder(root)
    return [p for p, _ in dataset.samples], dataset.targets


# 15.2: a class number is wrong
def files_and_labels(root):
    files, labels = [], []
    for label, folder in enumerate(sorted(Path(root).iterdir())):
        for path in sorted(folder.rglob("*.jpg")):
            inside = path.relative_to(root).parts
            if not any(part.startswith(".") for part in inside):
                files.append(str(path))
                labels.append(label)  # the hidden folder was number 0
    return files, labels


# 15.3: a pair of whole numbers
def part(count, shards, k):
    return count * k / shards, count * (k + 1) / shards


# 15.3: 75 each
def part(count, shards, k):
    return k, count


# 15.3: no picture may be missing or doubled
def part(count, shards, k):
    size = count // shards
    return k * size, (k + 1) * size


# 15.3: sizes differ by one at most
def part(count, shards, k):
    size = count // shards
    return k * size, count if k == shards - 1 else (k + 1) * size


# 15.3: DALI cuts elsewhere
def part(count, shards, k):
    size, rest = divmod(count, shards)
    begin = k * size + min(k, rest)
    return begin, begin + size + (k < rest)


# 15.1: four numbers in a list
answer = 1024

# 15.1: the last batch is full too
answer = [1000, 1000, 1000, 0]

# 15.1: the reader has run on
answer = [1024, 1000, 896, 128]


# 15.2: below tree/b
def files_and_labels(root):
    files, labels = [], []
    for label, name in enumerate("abc"):
        for path in sorted((Path(root) / name).rglob("*.jpg")):
            inside = path.relative_to(root).parts
            if not any(part.startswith(".") for part in inside):
                files.append(str(path))
                labels.append(label)
    return files, labels


# 15.2: below tree/b
def files_and_labels(root):
    paths = sorted(Path(root).rglob("*.jpg"))
    parts = [path.relative_to(root).parts for path in paths]
    paths = [p for p, inside in zip(paths, parts) if not inside[0].startswith(".")]
    paths = [p for p in paths if ".cache" not in p.parts]
    classes = sorted({path.relative_to(root).parts[0] for path in paths})
    return [str(p) for p in paths], [
        classes.index(p.relative_to(root).parts[0]) for p in paths
    ]


# 15.2: a class number is wrong
def files_and_labels(root):
    paths = sorted(
        p
        for p in Path(root).rglob("*.jpg")
        if not any(part.startswith(".") for part in p.relative_to(root).parts)
    )
    classes = sorted({p.parent.name for p in paths})  # deep is none
    return [str(p) for p in paths], [classes.index(p.parent.name) for p in paths]


# 15.2: a class number is wrong
def files_and_labels(root):
    files, labels = [], []
    folders = [f for f in Path(root).iterdir() if f.name[0] != "."]
    for label, folder in enumerate(sorted(folders, reverse=True)):
        for path in folder.rglob("*.jpg"):
            if ".cache" not in path.parts:
                files.append(str(path))
                labels.append(label)
    return files, labels


# 15.3: pair of whole numbers
def part(count, shards, k):
    return range(count * k // shards, count * (k + 1) // shards)


# 15.3: 75 each
def part(count, shards, k):
    return count * k // shards, count * (k + 1) // shards - 1


# 15.3: no picture may be missing or doubled
def part(count, shards, k):
    size = -(-count // shards)
    return k * size, (k + 1) * size
