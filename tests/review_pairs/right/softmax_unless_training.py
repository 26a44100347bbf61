import torch
from torch import Tensor, nn


class Classifier(nn.Module):
    """Logits in training, probabilities afterwards."""

    def __init__(self, n_in: int, classes: int) -> None:
        super().__init__()
        self.layers = nn.Sequential(nn.Linear(n_in, 16), nn.ReLU(), nn.Linear(16, classes))

    def forward(self, x: Tensor) -> Tensor:
        logits = self.layers(x)
        if self.training:
            return logits
        return logits.softmax(dim=1)


def fit(model: Classifier, x: Tensor, y: Tensor, steps: int = 20) -> None:
    optimizer = torch.optim.Adam(model.parameters(), lr=0.01)
    loss_fn = nn.CrossEntropyLoss()
    model.train()
    for _ in range(steps):
        optimizer.zero_grad()
        loss_fn(model(x), y).backward()
        optimizer.step()


if __name__ == "__main__":
    torch.manual_seed(0)
    x = torch.randn(50, 4)
    model = Classifier(4, 2)
    fit(model, x, (x[:, 0] > 0).long())
    model.eval()
    with torch.no_grad():
        print(model(x[:3]))
