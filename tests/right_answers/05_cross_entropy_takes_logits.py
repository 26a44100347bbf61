# Right answers to the exercises of chapter 5, other than the book's own.


# 5.1
def validation_loss(network, x, y):
    network.eval()
    with torch.no_grad():
        log_p = network(x).log_softmax(1)
    return -log_p[range(len(y)), y].mean().item()


# 5.1
@torch.no_grad()
def validation_loss(network, x, y):
    total = 0.0
    for images, targets in zip(x.split(2), y.split(2), strict=True):
        logits = network.eval()(images)
        total += F.cross_entropy(logits, targets, reduction="sum").item()
    return total / len(y)


# 5.1
@torch.no_grad()
def validation_loss(network, x, y):
    return nn.CrossEntropyLoss()(network.eval()(x), y)


# 5.2
def suspect(classes, resting_loss):
    eps = 0.1
    target = torch.full((1, classes), eps / classes)
    target[0, 0] += 1 - eps
    sure = F.one_hot(torch.tensor([0]), classes).float()

    def loss(outputs, smoothing=0.0):
        right = torch.tensor([0])
        return F.cross_entropy(outputs, right, label_smoothing=smoothing).item()

    floors = [
        (loss(sure), "softmax"),
        (loss(target.log(), eps), "smoothing"),
        (loss(sure, eps), "both"),
    ]
    distance, name = min((abs(floor - resting_loss), name) for floor, name in floors)
    return name if distance < 0.02 else "none"


# 5.2
def suspect(classes, resting_loss):
    import numpy as np

    share = 0.1 / classes
    softmax = np.log(1 + (classes - 1) / np.e)
    both = softmax + 0.1 - share
    t = 1 - 0.1 + share
    smoothing = -t * np.log(t) - (classes - 1) * share * np.log(share)
    if resting_loss < 0.9 * smoothing:
        return "none"
    distances = np.abs(np.array([softmax, smoothing, both]) - resting_loss)
    return ["softmax", "smoothing", "both"][distances.argmin()]


# 5.3
def kind(outputs):
    rows = outputs.tolist()

    def sum_to_one(rows):
        return all(abs(sum(row) - 1) < 1e-3 for row in rows)

    if min(map(min, rows)) >= 0 and sum_to_one(rows):
        return "probabilities"
    if max(map(max, rows)) <= 0 and sum_to_one(
        [[math.exp(z) for z in row] for row in rows]
    ):
        return "log-probabilities"
    return "logits"


# 5.3
def kind(outputs):
    import numpy as np

    z = outputs.detach().numpy().astype(float)
    if (z >= 0).all() and np.abs(z.sum(axis=1) - 1).max() < 1e-4:
        return "probabilities"
    shifted = np.log(np.exp(z).sum(axis=1))
    return "log-probabilities" if np.allclose(shifted, 0, atol=1e-4) else "logits"
