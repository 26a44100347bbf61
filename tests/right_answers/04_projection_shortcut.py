# Right answers to the exercises of chapter 4, other than the book's own.

# 4.1
outcome = dict(
    zip("gfedcba", "stretched stretched error stretched error stretched error".split())
)

# 4.1
stretched = {"b", "d", "f", "g"}
outcome = {row: "stretched" if row in stretched else "error" for row in "abcdefg"}


# 4.2
def fate(side):
    n = -(-side // 4)
    found = set()
    for _ in range(3):
        x = torch.zeros(1, 1, n, n)
        branch = F.conv2d(x, torch.zeros(1, 1, 3, 3), stride=2, padding=1)
        try:
            total = branch + F.avg_pool2d(x, 2)
        except RuntimeError:
            return "error"
        found.add(F.avg_pool2d(x, 2).shape == total.shape)
        n = branch.shape[-1]
    return "right" if found == {True} else "stretched"


# 4.2
def fate(side, stages=3, n=None):
    n = (side + 3) // 4 if n is None else n
    if stages == 0:
        return "right"
    branch, shortcut = (n + 1) // 2, n // 2
    if shortcut == 0 or (branch != shortcut and shortcut != 1):
        return "error"
    rest = fate(side, stages - 1, branch)
    return "stretched" if branch != shortcut and rest == "right" else rest


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
