# Wrong answers to the exercises of chapter 1, and what each must be told.

# 1.1: every folder is a class
class_to_idx = {"Zebra": 0, "_old": 1, "ant": 2, "img10": 3, "img2": 4}

# 1.1: img10 comes before img2
class_to_idx = {".cache": 0, "Zebra": 1, "_old": 2, "ant": 3, "img2": 4, "img10": 5}

# 1.1: upper case comes before lower case
class_to_idx = {".cache": 0, "_old": 1, "ant": 2, "img10": 3, "img2": 4, "Zebra": 5}

# 1.1: _ comes after upper case
class_to_idx = {".cache": 0, "_old": 1, "Zebra": 2, "ant": 3, "img10": 4, "img2": 5}

# 1.1: count from 0
class_to_idx = {".cache": 1, "Zebra": 2, "_old": 3, "ant": 4, "img10": 5, "img2": 6}

# 1.1: give a dictionary
class_to_idx = [".cache", "Zebra", "_old", "ant", "img10", "img2"]

# 1.1: a dot comes before letters
class_to_idx = {"Zebra": 0, "_old": 1, "ant": 2, "img10": 3, "img2": 4, ".cache": 5}

# 1.1: img10 comes before img2
class_to_idx = {"img2": 0, "img10": 1, "Zebra": 2, "ant": 3, "_old": 4, ".cache": 5}

# 1.2: give a set
read = 5

# 1.2: give a set
read = set()

# 1.2: choose among the names
read = {"1.JPG", "3.png", "4.jpeg"}

# 1.2: HEIC is no extension
read = {"cat/1.JPG", "dog/4.jpeg", "dog/6.HEIC", ".cache/8.webp"}

# 1.2: hides no folder
read = {"cat/1.JPG", "cat/old/3.png", "cat/._1.JPG", "dog/4.jpeg"}

# 1.2: ImageFolder differs
read = {"cat/1.JPG", "cat/old/3.png", "cat/._1.JPG", ".cache/8.webp"}

# 1.2: gif is no extension
read = {
    "cat/1.JPG",
    "cat/2.gif",
    "cat/old/3.png",
    "cat/._1.JPG",
    "dog/4.jpeg",
    ".cache/8.webp",
}

# 1.2: to any depth
read = {"cat/1.JPG", "dog/4.jpeg", ".cache/8.webp", "cat/._1.JPG"}

# 1.2: a leading dot hides no file
read = {"cat/1.JPG", "cat/old/3.png", "dog/4.jpeg"}

# 1.2: belongs to no class
read = {"cat/1.JPG", "cat/old/3.png", "cat/._1.JPG", "dog/4.jpeg", "7.png"}

# 1.2: only the end of the name
read = {"cat/1.JPG", "cat/old/3.png", "dog/4.jpeg", "dog/5.jpg.txt"}

# 1.2: case does not matter
read = {"cat/old/3.png", "dog/4.jpeg", ".cache/8.webp"}


# 1.3: as many classes, but other names
def check_same_classes(train, val):
    """Count the classes instead of comparing them."""
    names = set(train.classes) ^ set(val.classes)
    differ = len(train.classes) != len(val.classes)
    return f"differ in: {', '.join(names)}" if differ else ""


# 1.3: the same names, but other labels
def check_same_classes(train, val):
    """Compare sets of names, which have no order."""
    names = set(train.classes) ^ set(val.classes)
    return f"differ in: {', '.join(names)}" if names else ""


# 1.3: cone is new in val
def check_same_classes(train, val):
    """Look in one direction only."""
    missing = [name for name in train.classes if name not in val.classes]
    return f"val lacks {', '.join(missing)}" if missing else ""


# 1.3: return text
def check_same_classes(train, val):
    """Return a truth value."""
    return train.class_to_idx == val.class_to_idx


# 1.3: ball keeps its label
def check_same_classes(train, val):
    """Name all classes, not those that differ."""
    same = train.class_to_idx == val.class_to_idx
    return "" if same else f"{train.classes} differ from {val.classes}"


# 1.3: return text
def check_same_classes(train, val):
    """Return a list instead of a sentence."""
    pairs = train.class_to_idx.items() ^ val.class_to_idx.items()
    return sorted({name for name, _ in pairs}) or ""


# 1.3: return text
def check_same_classes(train, val):
    """Print the sentence and return nothing."""
    if train.classes != val.classes:
        print("the classes differ")


# 1.3: return an empty text
def check_same_classes(train, val):
    """Say that all is well."""
    pairs = train.class_to_idx.items() ^ val.class_to_idx.items()
    return f"differ in: {sorted({name for name, _ in pairs})}" if pairs else "equal"


# 1.3: mug
def check_same_classes(train, val):
    """Stop at the first class that differs."""
    for name in sorted({*train.classes, *val.classes}):
        if train.class_to_idx.get(name) != val.class_to_idx.get(name):
            return f"{name} differs"
    return ""


# 1.3: without cone, cube has a new label
def check_same_classes(train, val):
    """Name what is in one split only, and look no further."""
    names = sorted(set(train.classes) ^ set(val.classes))
    if not names and train.classes != val.classes:
        names = train.classes
    return f"differ in: {', '.join(names)}" if names else ""


# 1.3: cone is missing in val
def check_same_classes(train, val):
    """Go through the pairs, which end with the shorter list."""
    wrong = [a for a, b in zip(train.classes, val.classes) if a != b]
    return f"differ in: {', '.join(wrong)}" if wrong else ""
