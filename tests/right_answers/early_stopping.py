# Right answers to the exercises of the interlude, other than its own.

# P.1
answer = [7, 4]

# P.1
answer = torch.tensor([7, 4])


# P.2
def keep_on_cpu(network):
    state = {}
    for name, tensor in network.state_dict().items():
        state[name] = tensor.detach().clone().cpu()
    return state


# P.2
def keep_on_cpu(network):
    import io

    buffer = io.BytesIO()
    torch.save(network.state_dict(), buffer)
    buffer.seek(0)
    return torch.load(buffer, map_location="cpu")


# P.2
def keep_on_cpu(network):
    return copy.deepcopy(network).to("cpu").state_dict()


# P.3
def last_epoch(losses, patience, start):
    finite = [math.inf if math.isnan(loss) else loss for loss in losses]
    last_gain = 0
    for epoch in range(1, len(finite) + 1):
        if finite[epoch - 1] < min(finite[: epoch - 1], default=math.inf):
            last_gain = epoch
        if epoch - max(last_gain, start) >= patience:
            return epoch
    return len(finite)


# P.3
def last_epoch(losses, patience, start):
    epoch, best, left = 0, None, patience
    while epoch < len(losses) and left > 0:
        loss = losses[epoch]
        epoch += 1
        if loss == loss and (best is None or loss < best):
            best, left = loss, patience
        elif epoch > start:
            left -= 1
    return epoch
