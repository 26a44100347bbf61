import torch
from torch import nn


def bare(model):
    return getattr(model, "_orig_mod", model)


class Checkpoints:
    def __init__(self, path):
        self.path = path

    def save(self, model, optimizer, epoch):
        state = {"model": bare(model).state_dict(), "optimizer": optimizer.state_dict(), "epoch": epoch}
        torch.save(state, self.path)

    def load(self, model):
        state = torch.load(self.path, map_location="cpu", weights_only=True)
        bare(model).load_state_dict(state["model"])
        return state["epoch"]


if __name__ == "__main__":
    model = torch.compile(nn.Linear(3, 2))
    checkpoints = Checkpoints("last.pt")
    checkpoints.save(model, torch.optim.SGD(model.parameters(), lr=0.1), epoch=3)
    print(checkpoints.load(nn.Linear(3, 2)))
