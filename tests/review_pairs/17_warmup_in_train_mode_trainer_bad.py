import torch
from torch import Tensor, nn
from torch.utils.data import DataLoader, TensorDataset


class CompiledTrainer:
    def __init__(self, net: nn.Module, example: Tensor) -> None:
        self.net = net
        self.fast = torch.compile(net)
        self.optimizer = torch.optim.SGD(net.parameters(), lr=0.05)
        self.warm(example)

    def warm(self, example: Tensor) -> None:
        with torch.no_grad():
            for _ in range(2):
                self.fast(torch.randn_like(example))  # FAULT note 17

    def epoch(self, loader: DataLoader) -> float:
        self.net.train()
        for x, y in loader:
            self.optimizer.zero_grad()
            loss = nn.functional.cross_entropy(self.fast(x), y)
            loss.backward()
            self.optimizer.step()
        return loss.item()


if __name__ == "__main__":
    torch.manual_seed(0)
    x, y = torch.randn(64, 12), torch.randint(0, 3, (64,))
    net = nn.Sequential(nn.Linear(12, 24), nn.BatchNorm1d(24), nn.ReLU(), nn.Linear(24, 3))
    trainer = CompiledTrainer(net, x[:16])
    print(trainer.epoch(DataLoader(TensorDataset(x, y), batch_size=16, shuffle=True)))
