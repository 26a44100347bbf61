"""Write a checksum of the training data next to the weights."""
import hashlib
import json
import os


def checksum(root):
    total = hashlib.sha256()
    for label in sorted(os.listdir(root)):
        folder = os.path.join(root, label)
        for name in sorted(os.listdir(folder)):
            with open(os.path.join(folder, name), "rb") as stream:
                total.update(stream.read())  # FAULT note 14
    return total.hexdigest()


def write_meta(root, path, **extra):
    meta = {"data": checksum(root), **extra}
    with open(path, "w", encoding="utf-8") as stream:
        json.dump(meta, stream, indent=1)
    return meta


if __name__ == "__main__":
    print(write_meta("data/train", "meta.json", epochs=10))
