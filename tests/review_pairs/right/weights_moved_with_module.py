"""A criterion inside the model moves with it."""
import torch
from torch import nn


class WithLoss(nn.Module):
    def __init__(self, net, weights):
        super().__init__()
        self.net = net
        self.loss = nn.CrossEntropyLoss(weight=torch.tensor(weights))

    def forward(self, x, y):
        return self.loss(self.net(x), y)


def main():
    device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
    model = WithLoss(nn.Linear(5, 3), [1.0, 2.0, 4.0]).to(device)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    for _ in range(3):
        x = torch.randn(8, 5, device=device)
        y = torch.randint(0, 3, (8,), device=device)
        optimizer.zero_grad()
        loss = model(x, y)
        loss.backward()
        optimizer.step()
    print(loss.item())


if __name__ == "__main__":
    main()
