"""Train on one folder, report on another, with class names."""
import torch
from sklearn.metrics import confusion_matrix
from torch import nn
from torch.utils.data import DataLoader
from torchvision.datasets import ImageFolder
from torchvision.transforms import Compose, Resize, ToTensor

transform = Compose([Resize((16, 16)), ToTensor()])


def train(folder, epochs=2):
    data = ImageFolder(folder, transform)
    net = nn.Sequential(nn.Flatten(), nn.Linear(768, len(data.classes)))
    opt = torch.optim.Adam(net.parameters(), lr=1e-3)
    net.train()
    for _ in range(epochs):
        for x, y in DataLoader(data, 8, shuffle=True):
            opt.zero_grad()
            nn.functional.cross_entropy(net(x), y).backward()
            opt.step()
    return net, data.class_to_idx


def report(net, class_to_idx, folder):
    test = ImageFolder(folder, transform)
    names = test.classes  # FAULT note 11
    net.eval()
    with torch.no_grad():
        pairs = [(y, net(x).argmax(1)) for x, y in DataLoader(test, 8)]
    y, p = (torch.cat(part) for part in zip(*pairs))
    print(names, confusion_matrix(y, p, labels=range(len(names))).tolist())


if __name__ == "__main__":
    network, mapping = train("data/train")
    report(network, mapping, "data/test")
