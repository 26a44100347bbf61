import torch
from torch import nn
from torchvision.models import resnet18


class FineTune(nn.Module):
    def __init__(self, classes):
        super().__init__()
        self.body = resnet18(weights=None)
        self.body.fc = nn.Identity()
        self.body.requires_grad_(False)
        self.head = nn.Linear(512, classes)

    def train(self, mode=True):
        super().train(mode)
        self.body.eval()
        return self

    def forward(self, x):
        return self.head(self.body(x))


def main():
    torch.manual_seed(0)
    model = FineTune(3)
    optimizer = torch.optim.SGD(model.head.parameters(), lr=0.1)
    model.train()
    for _ in range(2):
        optimizer.zero_grad()
        loss = nn.functional.cross_entropy(model(torch.rand(4, 3, 32, 32)), torch.randint(0, 3, (4,)))
        loss.backward()
        optimizer.step()
    print(loss.item(), model.body.bn1.training)


if __name__ == "__main__":
    main()
