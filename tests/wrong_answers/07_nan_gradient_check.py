# Wrong answers to the exercises of chapter 7, and what each must be told.

# 7.1: not a set of numbers
in_time = 3

# 7.1: batch 0 goes unnoticed
in_time = set()

# 7.1: NaN disappears
in_time = {0}

# 7.1: a check follows the last
in_time = {0, 1, 2, 3}


# 7.2: a good batch is not reported
def survive(net, optimizer, x, y):
    optimizer.zero_grad()
    F.cross_entropy(net(x), y).backward()
    optimizer.step()


# 7.2: a good batch is not reported
def survive(net, optimizer, x, y):
    optimizer.zero_grad()
    F.cross_entropy(net(x), y).backward()
    if not all(p.grad.isfinite().all() for p in net.parameters()):
        return False
    optimizer.step()
    return True


# 7.2: the weights stay where they are
def survive(net, optimizer, x, y):
    optimizer.zero_grad()
    F.cross_entropy(net(x), y).backward()
    return True


# 7.2: NaN gradients is reported as made
def survive(net, optimizer, x, y):
    optimizer.zero_grad()
    F.cross_entropy(net(x), y).backward()
    optimizer.step()
    return True


# 7.2: a NaN has moved the weights
def survive(net, optimizer, x, y):
    kept = copy.copy(net.state_dict())
    optimizer.zero_grad()
    F.cross_entropy(net(x), y).backward()
    grads = [p.grad for p in net.parameters() if p.grad is not None]
    fine = bool(get_total_norm(grads).isfinite())
    optimizer.step()
    if not fine:
        net.load_state_dict(kept)
    return fine


# 7.2: a NaN has changed BatchNorm
def survive(net, optimizer, x, y):
    optimizer.zero_grad()
    F.cross_entropy(net(x), y).backward()
    grads = [p.grad for p in net.parameters() if p.grad is not None]
    if not get_total_norm(grads).isfinite():
        return False
    optimizer.step()
    return True


# 7.2: an infinite gradient
def survive(net, optimizer, x, y):
    kept = copy.deepcopy(net.state_dict())
    optimizer.zero_grad()
    F.cross_entropy(net(x), y).backward()
    grads = [p.grad for p in net.parameters() if p.grad is not None]
    if any(grad.isnan().any() for grad in grads):
        net.load_state_dict(kept)
        return False
    optimizer.step()
    return True


# 7.2: the good step after a bad one
def survive(net, optimizer, x, y):
    kept = copy.deepcopy(net.state_dict())
    optimizer.zero_grad()
    F.cross_entropy(net(x), y).backward()
    grads = [p.grad for p in net.parameters() if p.grad is not None]
    fine = bool(get_total_norm(grads).isfinite())
    optimizer.step()
    if not fine:
        net.load_state_dict(kept)
    return fine


# 7.2: no longer in training mode
def survive(net, optimizer, x, y):
    made = step_or_skip(net.train(), optimizer, x, y) is not None
    net.eval()
    return made


# 7.3: (3, 4) gets a wrong distance
def distance(a, b):
    return (a - b).square().sum(1)


# 7.3: (3, 4) gets a wrong distance
def distance(a, b):
    return (a - b).abs().sum(1)


# 7.3: wrong direction or length
def distance(a, b):
    return (a - b).square().sum(1).sqrt().detach() + 0 * a.sum(1)


# 7.3: equal rows get a distance
def distance(a, b):
    return ((a - b).square().sum(1) + 1e-5).sqrt()


# 7.3: equal rows get a gradient
def distance(a, b):
    return (a - b).square().sum(1).sqrt()


# 7.3: equal rows get a gradient
def distance(a, b):
    squared = (a - b).square().sum(1)
    return torch.where(squared > 0, squared.sqrt(), 0)


# 7.3: small distances or their gradients
def distance(a, b):
    return ((a - b).square().sum(1) + 1e-5).sqrt() - math.sqrt(1e-5)


# 7.1: not a set of numbers
in_time = {1, 2, 3, 4}

# 7.1: batch 0 goes unnoticed
in_time = {1, 2, 3}


# 7.3: (3, 4) gets a wrong distance
def distance(a, b):
    return torch.tensor([0.0, 2**0.5])


# 7.3: (3, 4) gets a wrong distance
def distance(a, b):
    return (a - b).square().sum().sqrt().expand(len(a))


# 7.3: small distances or their gradients
def distance(a, b):
    squared = (a - b).square().sum(1)
    apart = squared > 1e-12
    return torch.where(apart, torch.where(apart, squared, 1).sqrt(), 0)


# 7.3: small distances or their gradients
def distance(a, b):
    squared = (a - b).square().sum(1)
    exact = squared.detach().sqrt()
    smooth = squared / (squared + 1e-12).detach().sqrt()
    return exact + (smooth - smooth.detach()) / 2


# 7.3: equal rows get a distance
def distance(a, b):
    return (a - b).square().sum(1).clamp_min(1e-12).sqrt()
