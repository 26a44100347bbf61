# Wrong answers to the exercises of the interlude, and what each must be told.


# S.1: isn't between 0 and 1
def largest_smoothing(ratio, classes):
    return 1 + classes * (1 - 0.1) / 0.1


# S.1: with two classes
def largest_smoothing(ratio, classes):
    return 1 / ratio


# S.1: wrong for three, ten
def largest_smoothing(ratio, classes):
    return 2 / (1 + ratio)


# S.1: with two classes
def largest_smoothing(ratio, classes):
    return classes / (classes + ratio)


# S.2: with equal weights
def batch_loss(micro_batches, weight):
    losses = [F.cross_entropy(z, y, weight=weight) for z, y in micro_batches]
    return sum(losses) / len(losses)


# S.2: with unequal weights
def batch_loss(micro_batches, weight):
    total, images = 0, 0
    for z, y in micro_batches:
        total = total + F.cross_entropy(z, y, weight=weight, reduction="sum")
        images += len(y)
    return total / images


# S.2: with unequal weights
def batch_loss(micro_batches, weight):
    total, images = 0, 0
    for z, y in micro_batches:
        total = total + len(y) * F.cross_entropy(z, y, weight=weight)
        images += len(y)
    return total / images


# S.2: read only once
def batch_loss(micro_batches, weight):
    total = sum(
        F.cross_entropy(z, y, weight=weight, reduction="sum") for z, y in micro_batches
    )
    return total / sum(weight[y].sum() for _, y in micro_batches)


# S.2: gradients are not
def batch_loss(micro_batches, weight):
    total, weights = 0.0, 0.0
    for z, y in micro_batches:
        total += F.cross_entropy(z, y, weight=weight, reduction="sum").item()
        weights += weight[y].sum().item()
    return torch.tensor(total / weights)


# S.2: with equal weights
def batch_loss(micro_batches, weight):
    return sum(
        F.cross_entropy(z, y, weight=weight, reduction="sum") for z, y in micro_batches
    )


# S.2: gradients are not
def batch_loss(micro_batches, weight):
    total, weights = 0, 0
    for z, y in micro_batches:  # the last piece alone keeps its graph
        total = torch.as_tensor(total).detach() + F.cross_entropy(
            z, y, weight=weight, reduction="sum"
        )
        weights = weights + weight[y].sum()
    return total / weights


# S.2: gradients are not
def batch_loss(micro_batches, weight):
    total, weights = 0, 0
    for z, y in micro_batches:
        loss = F.cross_entropy(z, y, weight=weight, reduction="sum")
        loss.backward()
        total, weights = total + loss.detach(), weights + weight[y].sum()
    return total / weights


# S.2: with equal weights
def batch_loss(micro_batches, weight):
    for z, y in micro_batches:
        loss = F.cross_entropy(z, y, weight=weight)
    return loss


# S.3: with equal weights
def vanishing(weight, eps):
    return [k for k, w in enumerate(weight) if w == weight.min()]


# S.3: misses a class
def vanishing(weight, eps):
    return []


# S.3: wrong for ten classes
def vanishing(weight, eps):
    return [k for k, w in enumerate(weight) if weight.max() > 19 * w]


# S.3: several heavy or light classes
def vanishing(weight, eps):
    classes = len(weight)
    edge = 1 + classes * (1 - eps) / eps if eps else float("inf")
    lightest = int(weight.argmin())
    return [lightest] if weight.max() > edge * weight.min() else []


# S.3: without smoothing
def vanishing(weight, eps):
    edge = 1 + len(weight) * 0.9 / 0.1
    return [k for k, w in enumerate(weight) if weight.max() > edge * w]
