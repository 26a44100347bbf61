import torch
import torch.nn as nn


class TwoHeads(nn.Module):
    def __init__(self, trunk, dim, a, b):
        super().__init__()
        self.trunk = trunk
        self.colour = nn.Linear(dim, a)
        self.shape = nn.Sequential(nn.Linear(dim, b), nn.LogSoftmax(dim=1))

    def forward(self, x):
        h = self.trunk(x)
        return self.colour(h), self.shape(h)


ce, nll = nn.CrossEntropyLoss(), nn.NLLLoss()


def losses(out, target):
    logits, logp = out
    return ce(logits, target["colour"]) + nll(logp, target["shape"])


def train_batch(model, x, target, opt):
    out = model(x)
    loss = losses(out, target)
    opt.zero_grad()
    loss.backward()
    opt.step()
    conf = torch.softmax(out[0].detach(), dim=1).max(1).values.mean()
    return loss.item(), conf.item()


@torch.no_grad()
def predict(model, x):
    model.eval()
    logits, logp = model(x)
    p_colour = logits.softmax(-1)
    p_shape = logp.exp()
    return p_colour.argmax(-1), p_shape.argmax(-1), p_colour.amax(-1) * p_shape.amax(-1)
