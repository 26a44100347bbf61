# Wrong answers to the exercises of chapter 5, and what each must be told.

# 5.1: inverts log C
def classes_behind(resting_loss):
    return round(math.exp(resting_loss))


# 5.1: solve log(1 + (C - 1) / e)
def classes_behind(resting_loss):
    return round(1 + math.e * math.exp(resting_loss))


# 5.1: solve log(1 + (C - 1) / e)
def classes_behind(resting_loss):
    return 20


# 5.1: nearest whole number
def classes_behind(resting_loss):
    return int(1 + math.e * (math.exp(resting_loss) - 1))


# 5.1: nearest whole number
def classes_behind(resting_loss):
    return 1 + math.e * (math.exp(resting_loss) - 1)


# 5.2: do not average
def batch_loss(micro_batches, weight):
    losses = [F.cross_entropy(z, y, weight=weight) for z, y in micro_batches]
    return sum(losses) / len(losses)


# 5.2: the targets' weights
def batch_loss(micro_batches, weight):
    total, images = 0, 0
    for z, y in micro_batches:
        total = total + F.cross_entropy(z, y, weight=weight, reduction="sum")
        images += len(y)
    return total / images


# 5.2: the targets' weights
def batch_loss(micro_batches, weight):
    total, images = 0, 0
    for z, y in micro_batches:
        total = total + len(y) * F.cross_entropy(z, y, weight=weight)
        images += len(y)
    return total / images


# 5.2: in one pass
def batch_loss(micro_batches, weight):
    total = sum(
        F.cross_entropy(z, y, weight=weight, reduction="sum") for z, y in micro_batches
    )
    return total / sum(weight[y].sum() for _, y in micro_batches)


# 5.2: a gradient is lost
def batch_loss(micro_batches, weight):
    total, weights = 0.0, 0.0
    for z, y in micro_batches:
        total += F.cross_entropy(z, y, weight=weight, reduction="sum").item()
        weights += weight[y].sum().item()
    return torch.tensor(total / weights)


# 5.3: a softmax gives probabilities
def kind(outputs):
    return "logits"


# 5.3: raw outputs are logits
def kind(outputs):
    return "probabilities"


# 5.3: exponentials of log-probabilities
def kind(outputs):
    ones = torch.ones(len(outputs))
    if outputs.min() >= 0 and torch.allclose(outputs.sum(1), ones, atol=1e-4):
        return "probabilities"
    return "logits"


# 5.3: allow for rounding
def kind(outputs):
    ones = torch.ones(len(outputs))
    if (outputs.sum(1) == 1).all():
        return "probabilities"
    if torch.allclose(outputs.exp().sum(1), ones, atol=1e-4):
        return "log-probabilities"
    return "logits"


# 5.3: look at the sums
def kind(outputs):
    if outputs.min() >= 0 and outputs.max() <= 1:
        return "probabilities"
    ones = torch.ones(len(outputs))
    if torch.allclose(outputs.exp().sum(1), ones, atol=1e-4):
        return "log-probabilities"
    return "logits"


# 5.3: look for negative numbers
def kind(outputs):
    ones = torch.ones(len(outputs))
    if torch.allclose(outputs.sum(1), ones, atol=1e-4):
        return "probabilities"
    if torch.allclose(outputs.exp().sum(1), ones, atol=1e-4):
        return "log-probabilities"
    return "logits"


# 5.3: negative numbers alone
def kind(outputs):
    ones = torch.ones(len(outputs))
    if outputs.min() >= 0 and torch.allclose(outputs.sum(1), ones, atol=1e-4):
        return "probabilities"
    return "log-probabilities" if outputs.max() <= 0 else "logits"


# 5.1: a number of classes
def classes_behind(resting_loss):
    print(round(1 + math.e * (math.exp(resting_loss) - 1)))


# 5.1: nearest whole number
def classes_behind(resting_loss):
    return math.ceil(1 + math.e * (math.exp(resting_loss) - 1))


# 5.1: solve log(1 + (C - 1) / e)
def classes_behind(resting_loss):
    return round(math.e * (math.exp(resting_loss) - 1) - 1)


# 5.2: add up sums
def batch_loss(micro_batches, weight):
    return sum(
        F.cross_entropy(z, y, weight=weight, reduction="sum") for z, y in micro_batches
    )


# 5.2: a gradient is lost
def batch_loss(micro_batches, weight):
    total, weights = 0, 0
    for z, y in micro_batches:  # the last piece alone keeps its graph
        total = torch.as_tensor(total).detach() + F.cross_entropy(
            z, y, weight=weight, reduction="sum"
        )
        weights = weights + weight[y].sum()
    return total / weights


# 5.2: a gradient is lost
def batch_loss(micro_batches, weight):
    total, weights = 0, 0
    for z, y in micro_batches:
        loss = F.cross_entropy(z, y, weight=weight, reduction="sum")
        loss.backward()
        total, weights = total + loss.detach(), weights + weight[y].sum()
    return total / weights


# 5.2: add up sums
def batch_loss(micro_batches, weight):
    for z, y in micro_batches:
        loss = F.cross_entropy(z, y, weight=weight)
    return loss


# 5.3: not the first alone
def kind(outputs):
    first = outputs[0]
    if first.min() >= 0 and abs(first.sum() - 1) < 1e-4:
        return "probabilities"
    if abs(first.exp().sum() - 1) < 1e-4:
        return "log-probabilities"
    return "logits"


# 5.3: not their mean
def kind(outputs):
    if outputs.min() >= 0 and abs(outputs.sum(1).mean() - 1) < 1e-4:
        return "probabilities"
    if abs(outputs.exp().sum(1).mean() - 1) < 1e-4:
        return "log-probabilities"
    return "logits"


# 5.3: as they were
def kind(outputs):
    ones = torch.ones(len(outputs))
    if outputs.min() >= 0 and torch.allclose(outputs.sum(1), ones, atol=1e-4):
        return "probabilities"
    if torch.allclose(outputs.exp_().sum(1), ones, atol=1e-4):
        return "log-probabilities"
    return "logits"


# 5.3: a softmax gives probabilities
def kind(outputs):
    print("probabilities" if outputs.min() >= 0 else "logits")
