# Right answers to the exercises of chapter 3, other than the book's own.


# 3.1
def fate(side):
    if side > 8:
        return "raises"
    return "fits" if side <= 2 else "broadcasts"


# 3.1
def fate(side):
    block = Bottleneck(16, 8, (2, 2, 2)).eval()
    x = torch.zeros(1, 16, side, side)
    branch = x
    for conv in (block.conv1, block.conv2, block.conv3):
        branch = conv(branch)
    shortcut = block.shortcut(x)
    try:
        total = branch + shortcut
    except RuntimeError:
        return "raises"
    return "fits" if total.shape == branch.shape else "broadcasts"


# 3.2
def branch_cost(layers, side):
    if not layers:
        return 0
    (kernel, inside, outside, stride), *others = layers
    side = (side + stride - 1) // stride
    return kernel * kernel * inside * outside * side * side + branch_cost(others, side)


# 3.2
def branch_cost(layers, side):
    counts = []
    for kernel, inside, outside, stride in layers:
        side = (side + 2 * (kernel // 2) - kernel) // stride + 1
        counts.append(
            torch.tensor([kernel, kernel, inside, outside, side, side]).prod()
        )
    return torch.stack(counts).sum()


# 3.2
def branch_cost(layers, side):
    x, total = torch.zeros(1, layers[0][1], side, side), 0
    for kernel, inside, outside, stride in layers:
        x = nn.Conv2d(inside, outside, kernel, stride, kernel // 2)(x)
        total += kernel**2 * inside * x.numel()
    return float(total)


# 3.3
def skips_positions(block, x):
    x = x.clone().requires_grad_()
    torch.manual_seed(0)
    y = block(x)
    (gradient,) = torch.autograd.grad((y * torch.randn_like(y)).sum(), x)
    return (gradient.abs().amax((0, 1)) == 0).any()


# 3.3
def skips_positions(block, x):
    before = block(x).detach().numpy()
    for row in range(x.shape[2]):
        for column in range(x.shape[3]):
            changed = x.clone()
            changed[:, :, row, column] = 5.0
            if (block(changed).detach().numpy() == before).all():
                return True
    return False
