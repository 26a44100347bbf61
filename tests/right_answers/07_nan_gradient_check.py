# Right answers to the exercises of chapter 7, other than the book's own.

# 7.1
in_time = [0, 1, 2]

# 7.1
in_time = range(3)

# 7.1
in_time = torch.arange(3)


# 7.2
def survive(net, optimizer, x, y):
    kept = copy.deepcopy(net.state_dict())
    optimizer.zero_grad()
    F.cross_entropy(net(x), y).backward()
    grads = [p.grad for p in net.parameters() if p.grad is not None]
    if all(grad.isfinite().all() for grad in grads):
        optimizer.step()
        return True
    net.load_state_dict(kept)
    return False


# 7.2
def survive(net, optimizer, x, y):
    kept = copy.deepcopy((net.state_dict(), optimizer.state_dict()))
    optimizer.zero_grad()
    F.cross_entropy(net(x), y).backward()
    fine = all(p.grad is None or p.grad.isfinite().all() for p in net.parameters())
    optimizer.step()
    if not fine:
        net.load_state_dict(kept[0])
        optimizer.load_state_dict(kept[1])
    return fine


# 7.2
def survive(net, optimizer, x, y):
    return step_or_skip(net, optimizer, x, y) is not None


# 7.3
def distance(a, b):
    squared = ((a - b) ** 2).sum(dim=1)
    d = torch.zeros_like(squared)
    apart = squared != 0
    d[apart] = squared[apart].sqrt()
    return d


# 7.3
def distance(a, b):
    rows = []
    for x, y in zip(a, b):
        squared = sum((p - q) ** 2 for p, q in zip(x, y))
        rows.append(squared.sqrt() if squared > 0 else 0 * squared)
    return torch.stack(rows)


# 7.3
def distance(a, b):
    squared = (a - b).square().sum(1)
    return torch.sqrt(squared + (squared == 0)) * (squared > 0)
