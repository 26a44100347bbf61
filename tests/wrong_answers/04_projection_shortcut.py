# Wrong answers to the exercises of chapter 4, and what each must be told.

# 4.1: keys a to g
outcome = ["error"] * 7


# 4.1: the words right
outcome = dict.fromkeys("abcdefg", "silent")


# 4.1: a: 64 and 3 differ
outcome = dict.fromkeys("abcdefg", "right")


# 4.1: b: a single channel
outcome = dict.fromkeys("abcdefg", "error")


# 4.1: d: the branch can be stretched
outcome = dict.fromkeys("acdefg", "error") | {"b": "stretched"}


# 4.1: e: in place
outcome = dict.fromkeys("ac", "error") | dict.fromkeys("bdefg", "stretched")


# 4.1: f: one axis
outcome = dict.fromkeys("acefg", "error") | dict.fromkeys("bd", "stretched")


# 4.1: g: a missing axis
outcome = dict.fromkeys("aceg", "error") | dict.fromkeys("bdf", "stretched")


# 4.2: 224: 56
def fate(side):
    return "error"


# 4.2: 240: 60
def fate(side):
    return "right"


# 4.2: rounded up, is 57
def fate(side):
    n = side // 4
    return "error" if n % 8 else "right"


# 4.2: of 3 the pool leaves 1
def fate(side):
    n = -(-side // 4)
    for _ in range(3):
        if n % 2:
            return "error"
        n //= 2
    return "right"


# 4.2: a map of 1 cannot be pooled
def fate(side):
    n, word = -(-side // 4), "right"
    for _ in range(3):
        if n == 3:
            word = "stretched"
        elif n % 2 and n > 1:
            return "error"
        n = -(-n // 2)
    return word


# 4.2: some other side
def fate(side):
    n = -(-side // 4)
    for _ in range(3):
        if n == 3:
            return "stretched"
        if n % 2:
            return "error"
        n = -(-n // 2)
    return "right"


# 4.3: there is nothing to learn
def pooled_shortcut(in_channels, out_channels, stride):
    return nn.Sequential(
        nn.AvgPool2d(stride, ceil_mode=True),
        *make_projection(in_channels, out_channels, 1),
    )


# 4.3: other channels, stride 1
def pooled_shortcut(in_channels, out_channels, stride):
    if stride == 1:
        return nn.Identity()
    return nn.Sequential(
        nn.AvgPool2d(stride, ceil_mode=True),
        *make_projection(in_channels, out_channels, 1),
    )


# 4.3: equal channels, stride 2
def pooled_shortcut(in_channels, out_channels, stride):
    if in_channels == out_channels:
        return nn.Identity()
    return nn.Sequential(
        nn.AvgPool2d(stride, ceil_mode=True),
        *make_projection(in_channels, out_channels, 1),
    )


# 4.3: an odd side
def pooled_shortcut(in_channels, out_channels, stride):
    if stride == 1 and in_channels == out_channels:
        return nn.Identity()
    return nn.Sequential(
        nn.AvgPool2d(stride), *make_projection(in_channels, out_channels, 1)
    )


# 4.3: some positions are not read
def pooled_shortcut(in_channels, out_channels, stride):
    if stride == 1 and in_channels == out_channels:
        return nn.Identity()
    return make_projection(in_channels, out_channels, stride)


# 4.3: the window must grow
def pooled_shortcut(in_channels, out_channels, stride):
    if stride == 1 and in_channels == out_channels:
        return nn.Identity()
    layers = [*make_projection(in_channels, out_channels, 1)]
    if stride != 1:
        layers.insert(0, nn.AvgPool2d(2, stride, ceil_mode=True))
    return nn.Sequential(*layers)


# 4.3: needs no bias
def pooled_shortcut(in_channels, out_channels, stride):
    if stride == 1 and in_channels == out_channels:
        return nn.Identity()
    return nn.Sequential(
        nn.AvgPool2d(stride, ceil_mode=True),
        nn.Conv2d(in_channels, out_channels, 1),
        nn.BatchNorm2d(out_channels),
    )


# 4.3: does need BatchNorm
def pooled_shortcut(in_channels, out_channels, stride):
    if stride == 1 and in_channels == out_channels:
        return nn.Identity()
    return nn.Sequential(
        nn.AvgPool2d(stride, ceil_mode=True),
        nn.Conv2d(in_channels, out_channels, 1, bias=False),
    )


# 4.1: c: 2 and 4 differ
outcome = dict.fromkeys("ae", "error") | dict.fromkeys("bcdfg", "stretched")


# 4.1: keys a to g
outcome = "error"


# 4.2: 240: 60
def fate(side):
    return {224: "right", 225: "error", 48: "stretched"}.get(side, "right")


# 4.2: some other side
def fate(side):
    known = {224: "right", 240: "error", 225: "error", 48: "stretched"}
    return known.get(side, "error")


# 4.2: 224: 56
def fate(side):
    n = -(-side // 4)
    print("error" if n % 8 else "right")


# 4.3: give back what comes in
def pooled_shortcut(in_channels, out_channels, stride):
    if stride == 1 and in_channels == out_channels:
        return nn.ReLU()
    return nn.Sequential(
        nn.AvgPool2d(stride, ceil_mode=True),
        *make_projection(in_channels, out_channels, 1),
    )


# 4.3: that follows the sum
def pooled_shortcut(in_channels, out_channels, stride):
    if stride == 1 and in_channels == out_channels:
        return nn.Identity()
    return nn.Sequential(
        nn.AvgPool2d(stride, ceil_mode=True),
        *make_projection(in_channels, out_channels, 1),
        nn.ReLU(),
    )


# 4.3: some positions are not read
def pooled_shortcut(in_channels, out_channels, stride):
    if stride == 1 and in_channels == out_channels:
        return nn.Identity()
    return nn.Sequential(
        nn.MaxPool2d(stride, ceil_mode=True),
        *make_projection(in_channels, out_channels, 1),
    )


# 4.3: an odd side
def pooled_shortcut(in_channels, out_channels, stride):
    if stride == 1 and in_channels == out_channels:
        return nn.Identity()
    layers = [*make_projection(in_channels, out_channels, 1)]
    if stride == 2:
        layers.insert(0, nn.AvgPool2d(2))
    return nn.Sequential(*layers)
