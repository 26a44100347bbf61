# Wrong answers to the exercises of the interlude, and what each must be told.

# P.1: that isn't a pair
answer = (7,)


# P.1: from the best so far
answer = (4, 1)


# P.1: gains less than min_delta
answer = (8, 7)


# P.1: the wait is miscounted
answer = (8, 8)


# P.1: another epoch improved
answer = (7, 5)


# P.2: entries are missing
def keep_on_cpu(network):
    return {name: p.detach().cpu().clone() for name, p in network.named_parameters()}


# P.2: the weights follow
def keep_on_cpu(network):
    return {name: tensor.cpu() for name, tensor in network.state_dict().items()}


# P.2: the weights follow
def keep_on_cpu(network):
    return network.state_dict().copy()


# P.2: the buffers follow
def keep_on_cpu(network):
    copies = {name: p.detach().cpu().clone() for name, p in network.named_parameters()}
    return network.state_dict() | copies


# P.2: no longer an integer
def keep_on_cpu(network):
    state = network.state_dict()
    return {name: tensor.float().cpu().clone() for name, tensor in state.items()}


# P.3: ends in another epoch
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


# P.3: goes on after an improvement
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


# P.3: counts as better
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


# P.3: NaN counts as an improvement
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


# P.3: in the first epoch becomes the best
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


# P.3: are counted
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


# P.3: is forgotten
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


# P.1: that isn't a pair
answer = 7


# P.1: the wait is miscounted
answer = (6, 4)


# P.2: load_state_dict does not take it
def keep_on_cpu(network):
    state = network.state_dict()
    return {name: tensor.cpu().numpy().copy() for name, tensor in state.items()}


# P.2: entries are missing
def keep_on_cpu(network):
    return copy.deepcopy(network).cpu()


# P.2: entries are missing
def keep_on_cpu(network):
    kept = copy.deepcopy(network.state_dict())


# P.2: the weights follow the training
def keep_on_cpu(network):
    return network.cpu().state_dict()


# P.3: doesn't end with its last epoch
def last_epoch(losses, patience, start):
    best, wait = math.inf, 0
    for epoch, loss in enumerate(losses, start=1):
        if loss < best:
            best, wait = loss, 0
        elif epoch > start:
            wait += 1
        if wait >= patience:
            return epoch


# P.3: are counted
def last_epoch(losses, patience, start):
    best, wait = math.inf, 0
    for epoch, loss in enumerate(losses, start=1):
        if loss < best:
            best, wait = loss, 0
        elif epoch >= start:
            wait += 1
        if wait >= patience:
            return epoch
    return len(losses)


# P.3: ends in another epoch
def last_epoch(losses, patience, start):
    best, wait = math.inf, 0
    for epoch, loss in enumerate(losses):  # counted from 0
        if loss < best:
            best, wait = loss, 0
        elif epoch >= start:
            wait += 1
        if wait >= patience:
            return epoch
    return len(losses)
