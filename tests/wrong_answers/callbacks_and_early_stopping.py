# Wrong answers to the exercises of the interlude, and what each must be told.

# C.1: answer with two epochs
answer = (7,)


# C.1: compare with the best so far
answer = (4, 1)


# C.1: not by more than min_delta
answer = (8, 7)


# C.1: NaN is an epoch without improvement
answer = (8, 8)


# C.1: which was the last epoch
answer = (7, 5)


# C.2: entries are missing
def keep_on_cpu(network):
    return {name: p.detach().cpu().clone() for name, p in network.named_parameters()}


# C.2: on the CPU this is no copy
def keep_on_cpu(network):
    return {name: tensor.cpu() for name, tensor in network.state_dict().items()}


# C.2: on the CPU this is no copy
def keep_on_cpu(network):
    return network.state_dict().copy()


# C.2: the buffers follow
def keep_on_cpu(network):
    copies = {name: p.detach().cpu().clone() for name, p in network.named_parameters()}
    return network.state_dict() | copies


# C.2: must stay an integer
def keep_on_cpu(network):
    state = network.state_dict()
    return {name: tensor.float().cpu().clone() for name, tensor in state.items()}


# C.3: ends after epoch 4
def last_epoch(losses, patience, start):
    best, wait = math.inf, 0
    for epoch, loss in enumerate(losses, start=1):
        if loss < best:
            best, wait = loss, 0
        else:
            wait += 1
        if wait > patience:
            return epoch
    return len(losses)


# C.3: sets the wait back
def last_epoch(losses, patience, start):
    best, wait = math.inf, 0
    for epoch, loss in enumerate(losses, start=1):
        if loss < best:
            best = loss
        elif epoch > start:
            wait += 1
        if wait >= patience:
            return epoch
    return len(losses)


# C.3: is not better
def last_epoch(losses, patience, start):
    best, wait = math.inf, 0
    for epoch, loss in enumerate(losses, start=1):
        if loss <= best:
            best, wait = loss, 0
        elif epoch > start:
            wait += 1
        if wait >= patience:
            return epoch
    return len(losses)


# C.3: NaN is no improvement
def last_epoch(losses, patience, start):
    best, wait = math.inf, 0
    for epoch, loss in enumerate(losses, start=1):
        if loss >= best:
            wait += epoch > start
        else:
            best, wait = loss, 0
        if wait >= patience:
            return epoch
    return len(losses)


# C.3: must not become the best
def last_epoch(losses, patience, start):
    best, wait = losses[0], 0
    for epoch, loss in enumerate(losses[1:], start=2):
        if loss < best:
            best, wait = loss, 0
        elif epoch > start:
            wait += 1
        if wait >= patience:
            return epoch
    return len(losses)


# C.3: do not count
def last_epoch(losses, patience, start):
    best, wait = math.inf, 0
    for epoch, loss in enumerate(losses, start=1):
        if loss < best:
            best, wait = loss, 0
        else:
            wait += 1
        if wait >= patience:
            return epoch
    return len(losses)


# C.3: still the one to beat
def last_epoch(losses, patience, start):
    best, wait = math.inf, 0
    for epoch, loss in enumerate(losses, start=1):
        if epoch <= start:
            continue
        if loss < best:
            best, wait = loss, 0
        else:
            wait += 1
        if wait >= patience:
            return epoch
    return len(losses)


# C.1: answer with two epochs
answer = 7


# C.1: NaN is an epoch without improvement
answer = (6, 4)


# C.2: load_state_dict does not take it
def keep_on_cpu(network):
    state = network.state_dict()
    return {name: tensor.cpu().numpy().copy() for name, tensor in state.items()}


# C.2: entries are missing
def keep_on_cpu(network):
    return copy.deepcopy(network).cpu()


# C.2: entries are missing
def keep_on_cpu(network):
    kept = copy.deepcopy(network.state_dict())


# C.2: the weights follow the training
def keep_on_cpu(network):
    return network.cpu().state_dict()


# C.3: return the last epoch
def last_epoch(losses, patience, start):
    best, wait = math.inf, 0
    for epoch, loss in enumerate(losses, start=1):
        if improves(loss, best):
            best, wait = loss, 0
        elif epoch > start:
            wait += 1
        if wait >= patience:
            return epoch


# C.3: do not count
def last_epoch(losses, patience, start):
    best, wait = math.inf, 0
    for epoch, loss in enumerate(losses, start=1):
        if improves(loss, best):
            best, wait = loss, 0
        elif epoch >= start:
            wait += 1
        if wait >= patience:
            return epoch
    return len(losses)


# C.3: ends after epoch 4
def last_epoch(losses, patience, start):
    best, wait = math.inf, 0
    for epoch, loss in enumerate(losses):  # counted from 0
        if improves(loss, best):
            best, wait = loss, 0
        elif epoch >= start:
            wait += 1
        if wait >= patience:
            return epoch
    return len(losses)
