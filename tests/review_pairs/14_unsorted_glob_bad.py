"""Digest of a data folder: names, sizes and contents."""
import glob
import hashlib
import os
import sys


def file_digest(path):
    with open(path, "rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def folder_digest(root):
    total = hashlib.sha256()
    for path in glob.glob(os.path.join(root, "**", "*.jpg"), recursive=True):  # FAULT note 14
        name = os.path.relpath(path, root).replace(os.sep, "/")
        size = os.path.getsize(path)
        total.update(f"{name}\0{size}\0{file_digest(path)}\n".encode())
    return total.hexdigest()


def main():
    root = sys.argv[1] if len(sys.argv) > 1 else "data"
    print(folder_digest(root), root)


if __name__ == "__main__":
    main()
