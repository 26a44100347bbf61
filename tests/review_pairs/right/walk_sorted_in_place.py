import hashlib
import os


def fingerprint(root):
    digest = hashlib.sha256()
    for folder, folders, names in os.walk(root):
        folders.sort()
        for name in sorted(names):
            path = os.path.join(folder, name)
            with open(path, "rb") as stream:
                content = stream.read()
            relative = os.path.relpath(path, root).replace(os.sep, "/")
            digest.update(f"{relative}\0{len(content)}\0".encode())
            digest.update(content)
    return digest.hexdigest()


if __name__ == "__main__":
    print(fingerprint("data/val"))
