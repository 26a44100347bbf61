# Wrong answers to the exercises of chapter 3, and what each must be told.

# 3.1: one of the two names
def origin(weights, x, y):
    return V1


# 3.1: V1 are taken for V1.5's
def origin(weights, x, y):
    network("digits", V1_5).load_state_dict(weights, strict=True)
    return "V1.5"  # as no error was raised


# 3.1: V1.5 are taken for V1's
def origin(weights, x, y):
    network("digits", V1).load_state_dict(weights, strict=True)
    return "V1"


# 3.1: only 60 images
def origin(weights, x, y):
    if len(y) < 100:
        return "V1"
    losses = {}
    for name, strides in ("V1", V1), ("V1.5", V1_5):
        model = network("digits", strides)
        model.load_state_dict(weights)
        losses[name] = F.cross_entropy(model.eval()(x), y).item()
    return min(losses, key=losses.get)


# 3.1: the weights have changed
def origin(weights, x, y):
    losses = {}
    for name, strides in ("V1", V1), ("V1.5", V1_5):
        model = network("digits", strides)
        model.load_state_dict(weights)
        losses[name] = F.cross_entropy(model.eval()(x), y).item()
    next(iter(weights.values())).add_(1)
    return min(losses, key=losses.get)


# 3.2: a single weight at 25 positions
def branch_cost(layers, side):
    return sum(k**2 * i * o for k, i, o, _ in layers)


# 3.2: some pairs of channels
def branch_cost(layers, side):
    total = 0
    for kernel, _, outside, stride in layers:
        side = -(-side // stride)
        total += kernel**2 * outside * side**2
    return total


# 3.2: a 3 x 3 kernel
def branch_cost(layers, side):
    total = 0
    for kernel, inside, outside, stride in layers:
        side = -(-side // stride)
        total += kernel * inside * outside * side**2
    return total


# 3.2: an even side is miscounted
def branch_cost(layers, side):
    total = 0
    for kernel, inside, outside, stride in layers:
        total += kernel**2 * inside * outside * side**2
        side = -(-side // stride)
    return total


# 3.2: an odd side is miscounted
def branch_cost(layers, side):
    total = 0
    for kernel, inside, outside, stride in layers:
        side = side // stride
        total += kernel**2 * inside * outside * side**2
    return total


# 3.2: a second layer is miscounted
def branch_cost(layers, side):
    return sum(k**2 * i * o * (-(-side // s)) ** 2 for k, i, o, s in layers)


# 3.2: PyTorch counts otherwise
def branch_cost(layers, side):
    layers, total = list(layers), 0
    for kernel, inside, outside, stride in layers:
        side = -(-side // stride)
        total += kernel**2 * inside * outside * side**2 + outside * (inside > 8)
    return total


# 3.3: V1 is said to read everything
def skips_positions(block, x):
    changed = x.clone()
    changed[..., 0, 0] += 1
    return torch.equal(block(changed), block(x))


# 3.3: V1.5 is said to skip
def skips_positions(block, x):
    return True


# 3.3: a block without conv1
def skips_positions(block, x):
    return block.conv1.stride == (2, 2)


# 3.3: that skips the even positions
def skips_positions(block, x):
    changed = x.clone()
    changed[..., 1::2, 1::2] += 1
    return torch.equal(block(changed), block(x))


# 3.3: x has changed
def skips_positions(block, x):
    before = block(x)
    found = False
    for row in (0, 1):
        for column in (0, 1):
            x[..., row::2, column::2] += 1
            found = found or torch.equal(block(x), before)
            before = block(x)
    return found


# 3.2: a single weight at 25 positions
def branch_cost(layers, side):
    total = 0
    for kernel, inside, outside, stride in layers:
        side = -(-side // stride)
        total += 2 * kernel**2 * inside * outside * side**2
    return total


# 3.2: a 3 x 3 kernel
def branch_cost(layers, side):
    total = 0
    for kernel, inside, outside, stride in layers:
        side = (side - kernel) // stride + 1
        total += kernel**2 * inside * outside * side**2
    return total


# 3.2: stride 4 is miscounted
def branch_cost(layers, side):
    total = 0
    for kernel, inside, outside, stride in layers:
        side = side if stride == 1 else (side + 1) // 2
        total += kernel**2 * inside * outside * side**2
    return total


# 3.2: the list of layers has changed
def branch_cost(layers, side):
    total = 0
    while layers:
        kernel, inside, outside, stride = layers.pop(0)
        side = -(-side // stride)
        total += kernel**2 * inside * outside * side**2
    return total


# 3.2: a second layer is miscounted
def branch_cost(layers, side):
    kernel, inside, outside, stride = layers[0]
    return kernel**2 * inside * outside * (-(-side // stride)) ** 2


# 3.3: V1.5 is said to skip
def skips_positions(block, x):
    return block(x).shape[-1] < x.shape[-1]


# 3.3: V1 is said to read everything
def skips_positions(block, x):
    return torch.equal(block(x + 1), block(x))


# 3.3: V1.5 is said to skip
def skips_positions(block, x):
    changed = x.clone()
    changed[..., 1::2, 1::2] += 1e-9  # too little to be seen
    return torch.allclose(block(changed), block(x))
