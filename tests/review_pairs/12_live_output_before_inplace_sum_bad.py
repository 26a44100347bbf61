import torch
from torch import Tensor, nn


class Cell(nn.Module):
    def __init__(self, width: int) -> None:
        super().__init__()
        self.conv = nn.Conv2d(width, width, 3, padding=1, bias=False)
        self.norm = nn.BatchNorm2d(width)

    def forward(self, x: Tensor) -> Tensor:
        out = self.norm(self.conv(x))
        out += x
        return torch.relu(out)


class Probe:
    """Stores what a layer returns, one entry a call."""

    def __init__(self, layer: nn.Module) -> None:
        self.outputs: list[Tensor] = []
        self.handle = layer.register_forward_hook(self.store)

    def store(self, module: nn.Module, args: tuple, result: Tensor) -> None:
        self.outputs.append(result)  # FAULT note 12

    def __enter__(self) -> "Probe":
        return self

    def __exit__(self, *exc: object) -> None:
        self.handle.remove()


if __name__ == "__main__":
    torch.manual_seed(0)
    cell = Cell(4).eval()
    with Probe(cell.norm) as probe, torch.inference_mode():
        cell(torch.rand(2, 4, 8, 8))
    print(probe.outputs[0].mean().item())
