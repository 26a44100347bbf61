import torch
import torch.nn as nn


class FeatureGrabber:
    def __init__(self, model, layer_name):
        self.model = model
        self.layer = dict(model.named_modules())[layer_name]
        self.feats = []

    def _hook(self, module, inp, out):
        self.feats.append(out.detach().flatten(1).cpu())

    def extract(self, x):
        self.feats = []
        self.layer.register_forward_hook(self._hook)  # FAULT note 12
        with torch.no_grad():
            self.model(x)
        return torch.cat(self.feats)


def embed(model, loader, device, layer="avgpool"):
    model.eval()
    grab = FeatureGrabber(model, layer)
    embs, labs = [], []
    for x, y in loader:
        embs.append(grab.extract(x.to(device)))
        labs.append(y)
    return torch.cat(embs), torch.cat(labs)


def knn_accuracy(emb, lab, k=5):
    d = torch.cdist(emb, emb)
    d.fill_diagonal_(float("inf"))
    nn_idx = d.topk(k, largest=False).indices
    votes = lab[nn_idx].mode(1).values
    return (votes == lab).float().mean().item()
