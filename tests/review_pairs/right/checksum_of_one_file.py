import hashlib
import sys
from pathlib import Path


def sha256(path, chunk=1 << 20):
    digest = hashlib.sha256()
    with open(path, "rb") as stream:
        while block := stream.read(chunk):
            digest.update(block)
    return digest.hexdigest()


def manifest(root):
    root = Path(root)
    return {path.relative_to(root).as_posix(): sha256(path)
            for path in sorted(root.rglob("*")) if path.is_file()}


if __name__ == "__main__":
    for name, value in manifest(sys.argv[1] if len(sys.argv) > 1 else "data/val").items():
        print(value[:12], name)
