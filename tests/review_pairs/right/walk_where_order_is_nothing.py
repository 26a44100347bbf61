import os
from collections import Counter
from pathlib import Path


def sizes(root):
    return sum(path.stat().st_size for path in Path(root).rglob("*") if path.is_file())


def per_class(root):
    counts = Counter()
    for folder, _, names in os.walk(root):
        counts[os.path.basename(folder)] += len(names)
    return counts


def same_names(a, b):
    return set(os.listdir(a)) == set(os.listdir(b))


def samples(root):
    found = [str(path) for path in Path(root).glob("*/*.jpg")]
    found.sort()
    return found


if __name__ == "__main__":
    print(sizes("data"), per_class("data/train"), same_names("data/train", "data/val"))
    print(samples("data/test")[:2])
