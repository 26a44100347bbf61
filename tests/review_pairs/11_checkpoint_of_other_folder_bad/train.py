"""Save a network for the training folder, score it on the test folder."""
import torch
from torch.utils.data import DataLoader
from torchvision import datasets
from torchvision import transforms as T

from model import load, make_net, save

TF = T.Compose([T.Resize((16, 16)), T.ToTensor()])


def score(path, folder):
    net, class_to_idx = load(path)
    pictures = datasets.ImageFolder(folder, TF)
    names = sorted(class_to_idx, key=class_to_idx.get)
    table = torch.zeros(len(names), len(names), dtype=torch.long)
    with torch.inference_mode():
        for x, y in DataLoader(pictures, batch_size=8):
            for true, answer in zip(y, net(x).argmax(1)):  # FAULT note 11
                table[true, answer] += 1
    for name, row in zip(names, table.tolist()):
        print(name, row)


if __name__ == "__main__":
    data = datasets.ImageFolder("data/train", TF)
    save(make_net(len(data.classes)), data.class_to_idx, "net.pt")
    score("net.pt", "data/test")
