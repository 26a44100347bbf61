"""Two losses of one network, added."""
import torch
from accelerate import Accelerator
from torch import nn
from torch.nn import functional as F
from torch.utils.data import DataLoader, TensorDataset


class TwoTasks(nn.Module):
    def __init__(self, n_in=10):
        super().__init__()
        self.trunk = nn.Linear(n_in, 16)
        self.kind = nn.Linear(16, 3)
        self.size = nn.Linear(16, 1)

    def forward(self, x):
        h = F.relu(self.trunk(x))
        return self.kind(h), self.size(h).squeeze(1)


def main():
    accelerator = Accelerator()
    data = TensorDataset(torch.randn(48, 10), torch.randint(0, 3, (48,)), torch.rand(48))
    model = TwoTasks()
    optimizer = torch.optim.AdamW(model.parameters(), lr=1e-3)
    model, optimizer, loader = accelerator.prepare(model, optimizer, DataLoader(data, 12))
    model.train()
    for x, kind, size in loader:
        optimizer.zero_grad()
        kind_logits, size_value = model(x)
        loss = F.cross_entropy(kind_logits, kind) + F.mse_loss(size_value, size)
        accelerator.backward(loss, retain_graph=True)  # FAULT note 13
        optimizer.step()
    accelerator.print(loss.item())


if __name__ == "__main__":
    main()
