import torch
from torch import nn


def bad_gradients(model):
    for name, parameter in model.named_parameters():
        grad = parameter.grad
        if grad is not None and (torch.isnan(grad).any() or torch.isinf(grad).any()):
            yield name


def update(model, optimizer, x, y):
    model.train()
    optimizer.zero_grad()
    loss = nn.functional.l1_loss(model(x), y)
    loss.backward()
    bad = list(bad_gradients(model))
    if bad:
        print("no update:", bad)
        return None
    optimizer.step()
    return loss.item()


if __name__ == "__main__":
    torch.manual_seed(0)
    net = nn.Linear(2, 1)
    opt = torch.optim.SGD(net.parameters(), lr=0.1)
    print([update(net, opt, torch.randn(4, 2), torch.randn(4, 1)) for _ in range(3)])
