# Right answers to the exercises of chapter 1, other than the book's own.

# 1.1
names = sorted(["img2", "img10", "Zebra", "ant", "_old", ".cache"])
class_to_idx = {name: number for number, name in enumerate(names)}

# 1.1
with TemporaryDirectory() as place:
    for name in ["img2", "img10", "Zebra", "ant", "_old", ".cache"]:
        (Path(place) / name).mkdir()
        Image.new("RGB", (2, 2)).save(Path(place, name, "x.png"))
    class_to_idx = ImageFolder(place).class_to_idx

# 1.1
ordered = np.array([".cache", "Zebra", "_old", "ant", "img10", "img2"])
class_to_idx = dict(zip(ordered, np.arange(6)))

# 1.2
read = ["cat/._1.JPG", ".cache/8.webp", "cat/1.JPG", "cat/old/3.png", "dog/4.jpeg"]

# 1.2
read = (
    *("cat/1.JPG", "cat/old/3.png", "cat/._1.JPG"),
    *("dog/4.jpeg", ".cache/8.webp"),
)

# 1.2
written = "cat/1.JPG cat/2.gif cat/old/3.png cat/._1.JPG 7.png dog/4.jpeg dog/5.jpg.txt"
read = frozenset(
    name
    for name in f"{written} dog/6.HEIC .cache/8.webp".split()
    if "/" in name and Path(name).suffix.lower() in IMG_EXTENSIONS
)


# 1.3
def check_same_classes(train, val):
    differ = []
    for name in train.classes:
        if name not in val.classes:
            differ.append(name)
        elif train.classes.index(name) != val.classes.index(name):
            differ.append(name)
    for name in val.classes:
        if name not in train.classes:
            differ.append(name)
    if differ:
        return "Different classes: " + ", ".join(differ)
    return ""


# 1.3
def check_same_classes(train, val):
    pairs = set(train.class_to_idx.items()) ^ set(val.class_to_idx.items())
    names = {name for name, _ in pairs}
    return f"Not the same in both splits: {names}" * bool(names)
