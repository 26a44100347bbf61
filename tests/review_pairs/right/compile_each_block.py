"""Regional compilation: equal blocks share their compiled code."""
import torch
from torch import nn


class Tower(nn.Module):
    def __init__(self, width=8, depth=3):
        super().__init__()
        self.blocks = nn.ModuleList(
            nn.Sequential(nn.Linear(width, width), nn.GELU()) for _ in range(depth))
        self.head = nn.Linear(width, 2)

    def forward(self, x):
        for block in self.blocks:
            x = x + block(x)
        return self.head(x)


def compile_blocks(tower):
    for k, block in enumerate(tower.blocks):
        tower.blocks[k] = torch.compile(block)
    return tower


if __name__ == "__main__":
    torch.manual_seed(0)
    tower = compile_blocks(Tower()).eval()
    with torch.inference_mode():
        print(tower(torch.randn(4, 8)).shape)
