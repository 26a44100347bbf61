import numpy as np
import torch
from torch import nn
from torch.utils.data import DataLoader
from torchvision import datasets, transforms

tfm = transforms.Compose([transforms.ToTensor(), transforms.Normalize((0.1307,), (0.3081,))])
test_set = datasets.MNIST("data", train=False, download=True, transform=tfm)
test_loader = DataLoader(test_set, batch_size=512, shuffle=False)


class Net(nn.Sequential):
    def __init__(self):
        super().__init__(
            nn.Conv2d(1, 32, 3), nn.ReLU(), nn.Conv2d(32, 64, 3), nn.ReLU(), nn.MaxPool2d(2),
            nn.Dropout(0.25), nn.Flatten(), nn.Linear(9216, 128), nn.ReLU(), nn.Linear(128, 10))


def test(net):
    net.eval()
    hits = []
    with torch.no_grad():
        for data, target in test_loader:
            pred = net(data).argmax(dim=1)
            hits.append((pred == target).numpy())
    return float(np.mean(np.concatenate(hits)))


if __name__ == "__main__":
    net = Net()
    net.load_state_dict(torch.load("mnist_cnn.pt", map_location="cpu"))
    print(f"Test accuracy: {test(net):.4f}")
