import torch
from torch import nn


def warm_up(model, shapes):
    for shape in shapes:
        for _ in range(3):
            model(torch.zeros(shape))


def main():
    torch.manual_seed(0)
    net = nn.Sequential(nn.Conv2d(3, 4, 3, bias=False), nn.BatchNorm2d(4), nn.ReLU(), nn.Flatten())
    net.eval()
    service = torch.compile(net)
    with torch.inference_mode():
        warm_up(service, [(1, 3, 8, 8), (4, 3, 8, 8)])
        print(service(torch.rand(4, 3, 8, 8)).shape)


if __name__ == "__main__":
    main()
