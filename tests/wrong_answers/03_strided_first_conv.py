# Wrong answers to the exercises of chapter 3, and what each must be told.

# 3.1: one of the three words
def fate(side):
    return "broadcast" if side > 2 else "fits"


# 3.1: 1 x 1 on both ways
def fate(side):
    branch, shortcut = side // 8, side // 2
    if branch == shortcut:
        return "fits"
    return "broadcasts" if branch == 1 else "raises"


# 3.1: rounded up
def fate(side):
    branch, shortcut = max(side // 8, 1), max(side // 2, 1)
    if branch == shortcut:
        return "fits"
    return "broadcasts" if branch == 1 else "raises"


# 3.1: stretched without an error
def fate(side):
    return "fits" if -(-side // 8) == -(-side // 2) else "raises"


# 3.1: divide the side by 8
def fate(side):
    branch, shortcut = -(-side // 4), -(-side // 2)
    if branch == shortcut:
        return "fits"
    return "broadcasts" if branch == 1 else "raises"


# 3.1: leaves the branch with 2 x 2
def fate(side):
    return "fits" if side <= 2 else "broadcasts"


# 3.2: one multiplication at each of 25
def branch_cost(layers, side):
    return sum(k**2 * i * o for k, i, o, _ in layers)


# 3.2: every output channel
def branch_cost(layers, side):
    total = 0
    for kernel, _, outside, stride in layers:
        side = -(-side // stride)
        total += kernel**2 * outside * side**2
    return total


# 3.2: 9 weights
def branch_cost(layers, side):
    total = 0
    for kernel, inside, outside, stride in layers:
        side = -(-side // stride)
        total += kernel * inside * outside * side**2
    return total


# 3.2: only the positions of the output
def branch_cost(layers, side):
    total = 0
    for kernel, inside, outside, stride in layers:
        total += kernel**2 * inside * outside * side**2
        side = -(-side // stride)
    return total


# 3.2: a side of 5 becomes 3
def branch_cost(layers, side):
    total = 0
    for kernel, inside, outside, stride in layers:
        side = side // stride
        total += kernel**2 * inside * outside * side**2
    return total


# 3.2: works on the smaller map
def branch_cost(layers, side):
    return sum(k**2 * i * o * (-(-side // s)) ** 2 for k, i, o, s in layers)


# 3.2: PyTorch counts otherwise
def branch_cost(layers, side):
    layers, total = list(layers), 0
    for kernel, inside, outside, stride in layers:
        side = -(-side // stride)
        total += kernel**2 * inside * outside * side**2 + outside * (inside > 8)
    return total


# 3.3: V1 skips positions
def skips_positions(block, x):
    changed = x.clone()
    changed[..., 0, 0] += 1
    return torch.equal(block(changed), block(x))


# 3.3: V1.5 reads them all
def skips_positions(block, x):
    return True


# 3.3: need not have conv1
def skips_positions(block, x):
    return block.conv1.stride == (2, 2)


# 3.3: even positions
def skips_positions(block, x):
    changed = x.clone()
    changed[..., 1::2, 1::2] += 1
    return torch.equal(block(changed), block(x))


# 3.3: leave x as it was
def skips_positions(block, x):
    before = block(x)
    found = False
    for row in (0, 1):
        for column in (0, 1):
            x[..., row::2, column::2] += 1
            found = found or torch.equal(block(x), before)
            before = block(x)
    return found


# 3.1: one of the three words
def fate(side):
    print("fits" if side <= 2 else "broadcasts" if side <= 8 else "raises")


# 3.1: the block does otherwise
def fate(side):
    known = {2: "fits", 3: "broadcasts", 5: "broadcasts", 8: "broadcasts"}
    return known.get(side, "raises")


# 3.2: one multiplication at each of 25
def branch_cost(layers, side):
    total = 0
    for kernel, inside, outside, stride in layers:
        side = -(-side // stride)
        total += 2 * kernel**2 * inside * outside * side**2
    return total


# 3.2: padding keeps the 25 positions
def branch_cost(layers, side):
    total = 0
    for kernel, inside, outside, stride in layers:
        side = (side - kernel) // stride + 1
        total += kernel**2 * inside * outside * side**2
    return total


# 3.2: or 2 with stride 4
def branch_cost(layers, side):
    total = 0
    for kernel, inside, outside, stride in layers:
        side = side if stride == 1 else (side + 1) // 2
        total += kernel**2 * inside * outside * side**2
    return total


# 3.2: leave the list of layers
def branch_cost(layers, side):
    total = 0
    while layers:
        kernel, inside, outside, stride = layers.pop(0)
        side = -(-side // stride)
        total += kernel**2 * inside * outside * side**2
    return total


# 3.2: works on the smaller map
def branch_cost(layers, side):
    kernel, inside, outside, stride = layers[0]
    return kernel**2 * inside * outside * (-(-side // stride)) ** 2


# 3.3: reads them all
def skips_positions(block, x):
    return block(x).shape[-1] < x.shape[-1]


# 3.3: V1 skips positions
def skips_positions(block, x):
    return torch.equal(block(x + 1), block(x))


# 3.3: V1.5 reads them all
def skips_positions(block, x):
    changed = x.clone()
    changed[..., 1::2, 1::2] += 1e-9  # too little to be seen
    return torch.allclose(block(changed), block(x))
