# Wrong answers to the exercises of chapter 7, and what each must be told.

# 7.1: give a set of numbers
in_time = 3

# 7.1: batch 0 are still there
in_time = set()

# 7.1: the middle batches are seen too
in_time = {0}

# 7.1: no check follows
in_time = {0, 1, 2, 3}


# 7.2: NaN is not finite
def gradients_finite(parameters):
    return all(p.isfinite().all() for p in parameters)


# 7.2: inf is not finite
def gradients_finite(parameters):
    return not any(p.grad.isnan().any() for p in parameters)


# 7.2: skip what has no gradient
def gradients_finite(parameters):
    norm = nn.utils.get_total_norm([p.grad for p in parameters])
    return bool(norm.isfinite())


# 7.2: no gradient at all
def gradients_finite(parameters):
    grads = [p.grad for p in parameters if p.grad is not None]
    return bool(nn.utils.get_total_norm(grads, norm_type=math.inf).isfinite())


# 7.2: ask for one number
def gradients_finite(parameters):
    grads = [p.grad for p in parameters if p.grad is not None]
    if not grads:
        raise RuntimeError("no gradients")
    return all(grad.isfinite().all() for grad in grads)


# 7.2: 1e20 is finite
def gradients_finite(parameters):
    grads = [p.grad for p in parameters if p.grad is not None]
    if not grads:
        raise RuntimeError("no gradients")
    return bool(nn.utils.get_total_norm(grads).isfinite())


# 7.3: (3, 4) is 5 away
def distance(a, b):
    return (a - b).square().sum(1)


# 7.3: (3, 4) is 5 away
def distance(a, b):
    return (a - b).abs().sum(1)


# 7.3: its gradient is
def distance(a, b):
    return (a - b).square().sum(1).sqrt().detach() + 0 * a.sum(1)


# 7.3: equal rows: the distance is 0
def distance(a, b):
    return ((a - b).square().sum(1) + EPS).sqrt()


# 7.3: not NaN
def distance(a, b):
    return (a - b).square().sum(1).sqrt()


# 7.3: not NaN
def distance(a, b):
    squared = (a - b).square().sum(1)
    return torch.where(squared > 0, squared.sqrt(), 0)


# 7.3: small distances and their gradients
def distance(a, b):
    return ((a - b).square().sum(1) + EPS).sqrt() - math.sqrt(EPS)


# 7.1: give a set of numbers
in_time = {1, 2, 3, 4}

# 7.1: the gradients of batch 0
in_time = {1, 2, 3}


# 7.2: can be gone through once
def gradients_finite(parameters):
    if all(p.grad is None for p in parameters):
        raise RuntimeError("no gradients")
    grads = [p.grad for p in parameters if p.grad is not None]
    return bool(nn.utils.get_total_norm(grads, norm_type=math.inf).isfinite())


# 7.2: can be gone through once
def gradients_finite(parameters):
    grads = [p.grad for p in parameters if p.grad is not None]
    if not grads:
        raise RuntimeError("no gradients")
    return bool(torch.stack(grads).isfinite().all())


# 7.2: 3e38 is, twice
def gradients_finite(parameters):
    grads = [p.grad for p in parameters if p.grad is not None]
    if not grads:
        raise RuntimeError("no gradients")
    return bool(sum(grad.sum() for grad in grads).isfinite())


# 7.2: as they were
def gradients_finite(parameters):
    parameters = [p for p in parameters if p.grad is not None]
    if not parameters:
        raise RuntimeError("no gradients")
    norm = nn.utils.clip_grad_norm_(parameters, 1.0, norm_type=math.inf)
    return bool(norm.isfinite())


# 7.2: 1 and 2 are finite
def gradients_finite(parameters):
    grads = [p.grad for p in parameters if p.grad is not None]
    print(all(grad.isfinite().all() for grad in grads))


# 7.2: NaN is not finite
def gradients_finite(parameters):
    return True


# 7.3: (3, 4) is 5 away
def distance(a, b):
    return torch.tensor([0.0, 2**0.5])


# 7.3: (3, 4) is 5 away
def distance(a, b):
    return (a - b).square().sum().sqrt().expand(len(a))


# 7.3: small distances and their gradients
def distance(a, b):
    squared = (a - b).square().sum(1)
    apart = squared > 1e-12
    return torch.where(apart, torch.where(apart, squared, 1).sqrt(), 0)


# 7.3: small distances and their gradients
def distance(a, b):
    squared = (a - b).square().sum(1)
    exact = squared.detach().sqrt()
    smooth = squared / (squared + 1e-12).detach().sqrt()
    return exact + (smooth - smooth.detach()) / 2


# 7.3: the distance is 0
def distance(a, b):
    return (a - b).square().sum(1).clamp_min(1e-12).sqrt()
