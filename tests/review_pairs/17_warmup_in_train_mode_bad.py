"""Start-up of a prediction service."""
import torch
from torch import nn


def load_network(path=None):
    net = nn.Sequential(
        nn.Conv2d(3, 8, 3, bias=False), nn.BatchNorm2d(8), nn.ReLU(),
        nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(8, 4))
    if path:
        net.load_state_dict(torch.load(path, weights_only=True))
    return net


def warm_up(compiled, size, rounds=3):
    with torch.inference_mode():
        for _ in range(rounds):
            compiled(torch.zeros(size))


def serve(requests):
    net = load_network()
    compiled = torch.compile(net)
    warm_up(compiled, (4, 3, 32, 32))  # FAULT note 17
    compiled.eval()
    with torch.inference_mode():
        return [compiled(batch).argmax(1).tolist() for batch in requests]


if __name__ == "__main__":
    torch.manual_seed(0)
    print(serve([torch.rand(4, 3, 32, 32) for _ in range(2)]))
