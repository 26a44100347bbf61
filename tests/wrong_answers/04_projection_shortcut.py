# Wrong answers to the exercises of chapter 4, and what each must be told.

# 4.1: keys a to g
outcome = ["error"] * 7


# 4.1: other words than right
outcome = dict.fromkeys("abcdefg", "silent")


# 4.1: row a
outcome = dict.fromkeys("abcdefg", "right")


# 4.1: row b
outcome = dict.fromkeys("abcdefg", "error")


# 4.1: row d
outcome = dict.fromkeys("acdefg", "error") | {"b": "stretched"}


# 4.1: row e
outcome = dict.fromkeys("ac", "error") | dict.fromkeys("bdefg", "stretched")


# 4.1: row f
outcome = dict.fromkeys("acefg", "error") | dict.fromkeys("bd", "stretched")


# 4.1: row g
outcome = dict.fromkeys("aceg", "error") | dict.fromkeys("bdf", "stretched")


# 4.1: row c
outcome = dict.fromkeys("ae", "error") | dict.fromkeys("bcdfg", "stretched")


# 4.1: keys a to g
outcome = "error"


# 4.2: a stretched channel
def silent_blocks(model, x):
    return []


# 4.2: a stretched pixel
def silent_blocks(model, x):
    first = model[0]
    return ["0"] if isinstance(first.shortcut, nn.Identity) else []


# 4.2: it doesn't name both
def silent_blocks(model, x):
    model.eval()
    for name, block in model.named_children():
        if not hasattr(block, "branch"):
            x = block(x)
            continue
        if block.branch(x).shape != block.shortcut(x).shape:
            return [name]
        x = block(x)
    return []


# 4.2: sound blocks are suspected
def silent_blocks(model, x):
    found, model = [], model.eval()
    for name, block in model.named_children():
        if hasattr(block, "branch"):
            if block.branch(x).shape != block.shortcut(x).shape:
                found.append(name)
        x = block(x)
    return found or ["0"]


# 4.2: hooks are left
def silent_blocks(model, x):
    shapes, hooks = {}, []
    for name, module in model.named_modules():
        if name.endswith(("branch", "shortcut")):
            hooks.append(
                module.register_forward_hook(
                    lambda module, arguments, out, name=name: shapes.update(
                        {name: out.shape}
                    )
                )
            )
    model(x)
    names = [name.rpartition(".")[0] for name in shapes if name.endswith("branch")]
    return [
        name for name in names if shapes[f"{name}.branch"] != shapes[f"{name}.shortcut"]
    ]


# 4.2: another mode afterwards
def silent_blocks(model, x):
    shapes, hooks = {}, []
    for name, module in model.named_modules():
        if name.endswith(("branch", "shortcut")):
            hooks.append(
                module.register_forward_hook(
                    lambda module, arguments, out, name=name: shapes.update(
                        {name: out.shape}
                    )
                )
            )
    with torch.no_grad():
        model.eval()(x)
    for hook in hooks:
        hook.remove()
    names = [name.rpartition(".")[0] for name in shapes if name.endswith("branch")]
    return [
        name for name in names if shapes[f"{name}.branch"] != shapes[f"{name}.shortcut"]
    ]


# 4.2: statistics have moved
def silent_blocks(model, x):
    shapes, hooks = {}, []
    for name, module in model.named_modules():
        if name.endswith(("branch", "shortcut")):
            hooks.append(
                module.register_forward_hook(
                    lambda module, arguments, out, name=name: shapes.update(
                        {name: out.shape}
                    )
                )
            )
    with torch.no_grad():
        model(x)
    for hook in hooks:
        hook.remove()
    names = [name.rpartition(".")[0] for name in shapes if name.endswith("branch")]
    return [
        name for name in names if shapes[f"{name}.branch"] != shapes[f"{name}.shortcut"]
    ]


# 4.3: equal shapes
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


# 4.3: a side of 15
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


# 4.3: stride 4
def pooled_shortcut(in_channels, out_channels, stride):
    if stride == 1 and in_channels == out_channels:
        return nn.Identity()
    layers = [*make_projection(in_channels, out_channels, 1)]
    if stride != 1:
        layers.insert(0, nn.AvgPool2d(2, stride, ceil_mode=True))
    return nn.Sequential(*layers)


# 4.3: more parameters than it needs
def pooled_shortcut(in_channels, out_channels, stride):
    if stride == 1 and in_channels == out_channels:
        return nn.Identity()
    return nn.Sequential(
        nn.AvgPool2d(stride, ceil_mode=True),
        nn.Conv2d(in_channels, out_channels, 1),
        nn.BatchNorm2d(out_channels),
    )


# 4.3: more parameters than it needs
def pooled_shortcut(in_channels, out_channels, stride):
    if stride == 1 and in_channels == out_channels:
        return nn.Identity()
    return nn.Sequential(
        nn.AvgPool2d(stride, ceil_mode=True),
        nn.Conv2d(in_channels, out_channels, 1, bias=False),
    )


# 4.3: equal shapes
def pooled_shortcut(in_channels, out_channels, stride):
    if stride == 1 and in_channels == out_channels:
        return nn.ReLU()
    return nn.Sequential(
        nn.AvgPool2d(stride, ceil_mode=True),
        *make_projection(in_channels, out_channels, 1),
    )


# 4.3: never negative
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


# 4.3: a side of 15
def pooled_shortcut(in_channels, out_channels, stride):
    if stride == 1 and in_channels == out_channels:
        return nn.Identity()
    layers = [*make_projection(in_channels, out_channels, 1)]
    if stride == 2:
        layers.insert(0, nn.AvgPool2d(2))
    return nn.Sequential(*layers)
