"""Large batches are cut into chunks that fit the memory."""
import torch
from torch import Tensor, nn


class ChunkedTrainer:
    def __init__(self, net: nn.Module, chunks: int, clip: float):
        self.net, self.chunks, self.clip = net, chunks, clip
        self.opt = torch.optim.RMSprop(net.parameters(), lr=1e-3)

    def batch(self, x: Tensor, y: Tensor) -> float:
        self.net.train()
        self.opt.zero_grad()
        total = 0.0
        for xs, ys in zip(x.chunk(self.chunks), y.chunk(self.chunks)):
            part = nn.functional.l1_loss(self.net(xs), ys, reduction="sum") / len(x)
            part.backward()
            total += part.item()
        torch.nn.utils.clip_grad_norm_(self.net.parameters(), self.clip)
        self.opt.step()
        return total


if __name__ == "__main__":
    torch.manual_seed(0)
    trainer = ChunkedTrainer(nn.Linear(4, 1), chunks=4, clip=0.5)
    for _ in range(3):
        x = torch.randn(32, 4)
        print(trainer.batch(x, x.sum(1, keepdim=True)))
