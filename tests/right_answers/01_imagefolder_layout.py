# Right answers to the exercises of chapter 1, other than the book's own.

# 1.1
names = sorted(["img2", "img10", "Zebra", "ant", "_old", ".cache"])
class_to_idx = {name: number for number, name in enumerate(names)}

# 1.1
with TemporaryDirectory() as place:
    for name in ["img2", "img10", "Zebra", "ant", "_old", ".cache"]:
        (Path(place) / name).mkdir()
        Path(place, name, "x.png").touch()
    class_to_idx = ImageFolder(place).class_to_idx

# 1.1
ordered = [".cache", "Zebra", "_old", "ant", "img10", "img2"]
class_to_idx = dict(zip(ordered, torch.arange(6).tolist()))


# 1.2
def missing_class(labels, answers, classes):
    fits = [
        ((labels + (labels >= k).long()) == answers).float().mean()
        for k in range(classes)
    ]
    best = int(torch.stack(fits).argmax())
    # the last class missing, or none: the labels are what they were
    return best if fits[best] > fits[-1] else None


# 1.2
def missing_class(labels, answers, classes):
    score = {None: 0}
    for label, answer in zip(labels.tolist(), answers.tolist()):
        score[None] += label == answer
        for k in range(classes - 1):
            moved = label if label < k else label + 1
            score[k] = score.get(k, 0) + (moved == answer)
    return max(score, key=score.get)


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
