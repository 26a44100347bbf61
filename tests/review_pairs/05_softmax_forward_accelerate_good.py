"""Train with Accelerate on whatever device there is."""
import torch
import torch.nn.functional as fn
from accelerate import Accelerator
from torch import nn
from torch.utils.data import DataLoader, TensorDataset


class Gru(nn.Module):
    def __init__(self, width: int = 16, classes: int = 5) -> None:
        super().__init__()
        self.rnn = nn.GRU(4, width, batch_first=True)
        self.proj = nn.Linear(width, classes)

    def forward(self, steps: torch.Tensor) -> torch.Tensor:
        _, last = self.rnn(steps)
        scores = self.proj(last[-1])
        return scores


def main() -> None:
    accelerator = Accelerator()
    data = TensorDataset(torch.randn(64, 10, 4), torch.randint(0, 5, (64,)))
    loader = DataLoader(data, batch_size=16, shuffle=True)
    model = Gru()
    optimizer = torch.optim.AdamW(model.parameters(), lr=3e-3)
    model, optimizer, loader = accelerator.prepare(model, optimizer, loader)
    for epoch in range(2):
        model.train()
        for steps, labels in loader:
            optimizer.zero_grad()
            outputs = model(steps)
            loss = fn.cross_entropy(outputs, labels)
            accelerator.backward(loss)
            optimizer.step()
        accelerator.print(epoch, loss.item())


if __name__ == "__main__":
    main()
