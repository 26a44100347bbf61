import collections
import torch
from torch.utils.data import DataLoader, WeightedRandomSampler, Subset
from torchvision.datasets import ImageFolder


def make_sampler(targets, beta=0.999):
    freq = collections.Counter(targets)
    class_weight = {c: (1 - beta) / (1 - beta ** n) for c, n in freq.items()}
    weights = []
    for t in targets:
        weights.append(class_weight[t])
    return WeightedRandomSampler(weights, len(weights))


def split_loaders(root, tf_train, tf_eval, bs=64, frac=0.85, seed=3):
    a, b = ImageFolder(root, tf_train), ImageFolder(root, tf_eval)
    order = torch.randperm(len(a), generator=torch.Generator().manual_seed(seed)).tolist()
    cut = int(frac * len(order))
    tr_idx, va_idx = order[:cut], order[cut:]
    tr = Subset(a, tr_idx)
    va = Subset(b, va_idx)
    sampler = make_sampler([a.targets[i] for i in tr_idx])
    return (DataLoader(tr, bs, sampler=sampler, num_workers=4),
            DataLoader(va, bs, shuffle=False, num_workers=4))
