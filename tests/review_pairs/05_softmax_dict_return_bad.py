from typing import TypedDict

import torch
from torch import Tensor, nn
from torch.nn import functional as F


class Output(TypedDict):
    species: Tensor
    age: Tensor


class TwoHeads(nn.Module):
    """Species of an animal, and its age in years."""

    def __init__(self, species: int = 7) -> None:
        super().__init__()
        self.body = nn.Sequential(nn.Flatten(), nn.Linear(3 * 8 * 8, 24), nn.ReLU())
        self.species = nn.Linear(24, species)
        self.age = nn.Linear(24, 1)

    def forward(self, images: Tensor) -> Output:
        h = self.body(images)
        return {"species": F.softmax(self.species(h), dim=1),  # FAULT note 5
                "age": self.age(h).squeeze(1)}


def loss_of(out: Output, species: Tensor, age: Tensor) -> Tensor:
    return F.cross_entropy(out["species"], species) + 0.1 * F.mse_loss(out["age"], age)


if __name__ == "__main__":
    torch.manual_seed(0)
    net = TwoHeads()
    optimizer = torch.optim.SGD(net.parameters(), lr=0.01)
    images, species, age = torch.rand(8, 3, 8, 8), torch.randint(0, 7, (8,)), torch.rand(8) * 9
    for _ in range(4):
        optimizer.zero_grad()
        loss = loss_of(net(images), species, age)
        loss.backward()
        optimizer.step()
    print(loss.item())
