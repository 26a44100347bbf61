# Right answers to the exercises of chapter 3, other than the book's own.


# 3.1
def origin(weights, x, y):
    right = {}
    for name, strides in {"V1": V1, "V1.5": V1_5}.items():
        model = network("digits", strides).eval()
        model.load_state_dict(weights)
        right[name] = (model(x).argmax(1) == y).sum().item()
    return "V1" if right["V1"] > right["V1.5"] else "V1.5"


# 3.1
def origin(weights, x, y):
    model = network("digits", V1_5)
    model.load_state_dict(weights)
    losses = []
    for _ in range(2):  # as V1.5, then with the strides exchanged
        losses.append(F.cross_entropy(model.eval()(x), y))
        model = move_stride(model)
    return ("V1.5", "V1")[int(losses[0] > losses[1])]


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
