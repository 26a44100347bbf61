import torch
from torch import nn


def train(model, steps=4):
    fast = torch.compile(model)
    optimizer = torch.optim.AdamW(model.parameters())
    model.train()
    for _ in range(steps):
        optimizer.zero_grad()
        loss = nn.functional.cross_entropy(fast(torch.randn(8, 5)), torch.randint(0, 3, (8,)))
        loss.backward()
        optimizer.step()
    torch.save(model.state_dict(), "net.pt")
    return loss.item()


def restore():
    model = nn.Linear(5, 3)
    model.load_state_dict(torch.load("net.pt", weights_only=True))
    return model.eval()


if __name__ == "__main__":
    torch.manual_seed(0)
    print(train(nn.Linear(5, 3)))
    print(restore()(torch.zeros(1, 5)))
