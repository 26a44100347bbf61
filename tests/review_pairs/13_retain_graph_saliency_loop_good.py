import torch
from torch import nn


class Saliency:
    """Absolute gradient of the best score with respect to the pixels."""

    def __init__(self, network: nn.Module):
        self.network = network.eval()

    def one(self, image: torch.Tensor) -> torch.Tensor:
        pixels = image[None].clone().requires_grad_(True)
        score = self.network(pixels).max()
        score.backward()
        return pixels.grad[0].abs().amax(0)

    def many(self, images) -> list[torch.Tensor]:
        maps = []
        for image in images:
            self.network.zero_grad()
            maps.append(self.one(image))
        return maps


if __name__ == "__main__":
    torch.manual_seed(0)
    net = nn.Sequential(nn.Conv2d(3, 6, 3), nn.ReLU(), nn.AdaptiveAvgPool2d(1), nn.Flatten(),
                        nn.Linear(6, 4))
    print(torch.stack(Saliency(net).many(torch.rand(5, 3, 12, 12))).shape)
