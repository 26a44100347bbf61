# Wrong answers to the exercises of chapter 5, and what each must be told.

# 5.1: right about everything
def validation_loss(network, x, y):
    return F.cross_entropy(predict(network, x), y).item()


# 5.1: infinite or too small
def validation_loss(network, x, y):
    return F.nll_loss(predict(network, x).log(), y).item()


# 5.1: infinite or too small
def validation_loss(network, x, y):
    return F.nll_loss(predict(network, x).clamp(min=1e-7).log(), y).item()


# 5.1: dropout makes the loss
def validation_loss(network, x, y):
    network.train()
    with torch.no_grad():
        return F.cross_entropy(network(x), y).item()


# 5.1: it isn't a mean
def validation_loss(network, x, y):
    loss = F.cross_entropy(network.eval()(x), y, reduction="sum").item()
    return loss / 3


# 5.1: it isn't a mean
def validation_loss(network, x, y):
    network.eval()
    sums = [
        F.cross_entropy(network(x[k : k + 3]), y[k : k + 3])
        for k in range(0, len(y), 3)
    ]
    return sum(sums).item()


# 5.1: often wrong
def validation_loss(network, x, y):
    z = network.eval()(x)
    return (z.amax(1) - z[range(len(y)), y]).mean().item()


# 5.2: one of the four names
def suspect(classes, resting_loss):
    print("both")


# 5.2: 'softmax' is not found
def suspect(classes, resting_loss):
    return "both"


# 5.2: 'smoothing' is not found
def suspect(classes, resting_loss):
    floor = math.log(1 + (classes - 1) / math.e)
    return "softmax" if abs(resting_loss - floor) < 0.006 else "both"


# 5.2: 'both' is not found
def suspect(classes, resting_loss):  # as if the two floors added up
    t = 0.9 + 0.1 / classes
    rest = 0.1 / classes * (classes - 1)
    softmax = math.log(1 + (classes - 1) / math.e)
    smoothing = -t * math.log(t) - rest * math.log(0.1 / classes)
    floors = {
        "softmax": softmax,
        "smoothing": smoothing,
        "both": softmax + smoothing,
    }
    if resting_loss < min(floors.values()) - 0.01:
        return "none"
    return min(floors, key=lambda name: abs(floors[name] - resting_loss))


# 5.2: put down to one of them
def suspect(classes, resting_loss):
    t = 0.9 + 0.1 / classes
    rest = 0.1 / classes * (classes - 1)
    softmax = math.log(1 + (classes - 1) / math.e)
    floors = {
        "softmax": softmax,
        "smoothing": -t * math.log(t) - rest * math.log(0.1 / classes),
        "both": softmax + rest,
    }
    return min(floors, key=lambda name: abs(floors[name] - resting_loss))


# 5.2: two digits
def suspect(classes, resting_loss):
    t = 0.9 + 0.1 / classes
    rest = 0.1 / classes * (classes - 1)
    softmax = math.log(1 + (classes - 1) / math.e)
    floors = {
        "softmax": softmax,
        "smoothing": -t * math.log(t) - rest * math.log(0.1 / classes),
        "both": softmax + rest,
    }
    for name, floor in floors.items():
        if abs(floor - resting_loss) < 1e-3:
            return name
    return "none"


# 5.3: outputs of a softmax aren't
def kind(outputs):
    return "logits"


# 5.3: raw outputs aren't
def kind(outputs):
    return "probabilities"


# 5.3: outputs of log_softmax aren't
def kind(outputs):
    ones = torch.ones(len(outputs))
    if outputs.min() >= 0 and torch.allclose(outputs.sum(1), ones, atol=1e-4):
        return "probabilities"
    return "logits"


# 5.3: float32 probabilities
def kind(outputs):
    ones = torch.ones(len(outputs))
    if (outputs.sum(1) == 1).all():
        return "probabilities"
    if torch.allclose(outputs.exp().sum(1), ones, atol=1e-4):
        return "log-probabilities"
    return "logits"


# 5.3: numbers from 0 to 1 that aren't
def kind(outputs):
    if outputs.min() >= 0 and outputs.max() <= 1:
        return "probabilities"
    ones = torch.ones(len(outputs))
    if torch.allclose(outputs.exp().sum(1), ones, atol=1e-4):
        return "log-probabilities"
    return "logits"


# 5.3: logits that sum to 1
def kind(outputs):
    ones = torch.ones(len(outputs))
    if torch.allclose(outputs.sum(1), ones, atol=1e-4):
        return "probabilities"
    if torch.allclose(outputs.exp().sum(1), ones, atol=1e-4):
        return "log-probabilities"
    return "logits"


# 5.3: negative logits
def kind(outputs):
    ones = torch.ones(len(outputs))
    if outputs.min() >= 0 and torch.allclose(outputs.sum(1), ones, atol=1e-4):
        return "probabilities"
    return "log-probabilities" if outputs.max() <= 0 else "logits"


# 5.3: one good row
def kind(outputs):
    first = outputs[0]
    if first.min() >= 0 and abs(first.sum() - 1) < 1e-4:
        return "probabilities"
    if abs(first.exp().sum() - 1) < 1e-4:
        return "log-probabilities"
    return "logits"


# 5.3: a good mean
def kind(outputs):
    if outputs.min() >= 0 and abs(outputs.sum(1).mean() - 1) < 1e-4:
        return "probabilities"
    if abs(outputs.exp().sum(1).mean() - 1) < 1e-4:
        return "log-probabilities"
    return "logits"


# 5.3: have changed afterwards
def kind(outputs):
    ones = torch.ones(len(outputs))
    if outputs.min() >= 0 and torch.allclose(outputs.sum(1), ones, atol=1e-4):
        return "probabilities"
    if torch.allclose(outputs.exp_().sum(1), ones, atol=1e-4):
        return "log-probabilities"
    return "logits"


# 5.3: outputs of a softmax aren't
def kind(outputs):
    print("probabilities" if outputs.min() >= 0 else "logits")


# 5.3: a float64 batch
def kind(outputs):
    ones = torch.ones(len(outputs))
    if outputs.min() >= 0 and torch.allclose(outputs.sum(1), ones, atol=1e-4):
        return "probabilities"
    if torch.allclose(outputs.exp().sum(1), ones, atol=1e-4):
        return "log-probabilities"
    return "logits"
