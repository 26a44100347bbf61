"""A trainer that compiles its network and saves checkpoints."""
import torch
from torch import nn


class Trainer:
    def __init__(self, model, path):
        self.path = path
        self.original = model
        self.model = torch.compile(model)
        self.optimizer = torch.optim.SGD(model.parameters(), lr=0.1)

    def step(self, x, y):
        self.optimizer.zero_grad()
        loss = nn.functional.cross_entropy(self.model(x), y)
        loss.backward()
        self.optimizer.step()
        return loss.item()

    def save(self):
        torch.save({
            "model": self.original.state_dict(),
            "optimizer": self.optimizer.state_dict(),
        }, self.path)


def make_net():
    return nn.Sequential(nn.Linear(5, 8), nn.ReLU(), nn.Linear(8, 2))


if __name__ == "__main__":
    torch.manual_seed(0)
    trainer = Trainer(make_net(), "net.pt")
    for _ in range(3):
        print(trainer.step(torch.randn(16, 5), torch.randint(0, 2, (16,))))
    trainer.save()
    print(list(torch.load("net.pt", weights_only=True)["model"]))
