# Right answers to the exercises of chapter 5, other than the book's own.


# 5.1
def classes_behind(resting_loss):
    return min(range(2, 5000), key=lambda c: abs(loss_floor(c) - resting_loss))


# 5.1
def classes_behind(resting_loss):
    loss = torch.tensor(resting_loss, dtype=torch.float64)
    return torch.round(1 + math.e * torch.expm1(loss))


# 5.1
def classes_behind(resting_loss):
    import numpy as np

    return np.rint(1 + np.e * (np.exp(resting_loss) - 1))


# 5.1
def classes_behind(resting_loss):
    classes = 2
    while loss_floor(classes + 0.5) < resting_loss:
        classes += 1
    return classes


# 5.2
def batch_loss(micro_batches, weight):
    losses, weights = [], []
    for logits, targets in micro_batches:
        for z, y in zip(logits, targets):
            losses.append(weight[y] * (z.logsumexp(0) - z[y]))
            weights.append(weight[y])
    return torch.stack(losses).sum() / torch.stack(weights).sum()


# 5.2
def batch_loss(micro_batches, weight):
    logits, targets = zip(*micro_batches)
    return F.cross_entropy(torch.cat(logits), torch.cat(targets), weight=weight)


# 5.2
def batch_loss(micro_batches, weight):
    loss, seen = 0, 0
    for logits, targets in micro_batches:  # a running mean
        here = weight[targets].sum().item()
        mean = F.cross_entropy(logits, targets, weight=weight)
        loss = (seen * loss + here * mean) / (seen + here)
        seen += here
    return loss


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
