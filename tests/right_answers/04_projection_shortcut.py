# Right answers to the exercises of chapter 4, other than the book's own.

# 4.1
outcome = dict(
    zip("gfedcba", "stretched stretched error stretched error stretched error".split())
)

# 4.1
stretched = {"b", "d", "f", "g"}
outcome = {row: "stretched" if row in stretched else "error" for row in "abcdefg"}


# 4.2
def silent_blocks(model, x):
    import copy

    found, model = [], copy.deepcopy(model).eval()
    for name, block in model.named_modules():
        if not hasattr(block, "branch"):
            continue

        def look(block, arguments, name=name):
            out, identity = block.branch(*arguments), block.shortcut(*arguments)
            if out.shape != identity.shape:
                found.append(name)

        block.register_forward_pre_hook(look)
    model(x)
    return found


# 4.2
def silent_blocks(model, x):
    import copy

    seen, model = {}, copy.deepcopy(model).eval()
    for name, module in model.named_modules():
        if name.split(".")[-1] in ("branch", "shortcut"):
            module.register_forward_hook(
                lambda module, arguments, out, name=name: seen.update({name: out.shape})
            )
    model(x)
    blocks = [name.rpartition(".")[0] for name in seen if name.endswith("branch")]
    return tuple(
        name for name in blocks if seen[f"{name}.branch"] != seen[f"{name}.shortcut"]
    )


# 4.3
class PooledShortcut(nn.Module):
    def __init__(self, in_channels, out_channels, stride):
        super().__init__()
        self.same = stride == 1 and in_channels == out_channels
        self.stride = stride
        if not self.same:
            self.conv = nn.Conv2d(in_channels, out_channels, 1, bias=False)
            self.bn = nn.BatchNorm2d(out_channels)

    def forward(self, x):
        if self.same:
            return x
        if self.stride > 1:
            x = F.avg_pool2d(x, self.stride, ceil_mode=True)
        return self.bn(self.conv(x))


def pooled_shortcut(in_channels, out_channels, stride):
    return PooledShortcut(in_channels, out_channels, stride)


# 4.3
def pooled_shortcut(in_channels, out_channels, stride):
    if in_channels == out_channels and stride == 1:
        return nn.Sequential()
    return nn.Sequential(  # the average of a projection is its projected average
        nn.Conv2d(in_channels, out_channels, 1, bias=False),
        nn.AvgPool2d(stride, ceil_mode=True, count_include_pad=False),
        nn.BatchNorm2d(out_channels),
    )
