import sys

import numpy as np
import torch
from PIL import Image
from torch import nn
from torch.utils.data import DataLoader
from torchvision import datasets, transforms as T
from torchvision.models import MobileNet_V2_Weights, mobilenet_v2

MEAN = [0.485, 0.456, 0.406]
STD = [0.229, 0.224, 0.225]


def train_transform():
    return T.Compose([T.RandomResizedCrop(224), T.RandomHorizontalFlip(),
                      T.ToTensor(), T.Normalize(MEAN, STD)])


def load_picture(path):
    img = Image.open(path).convert("RGB").resize((224, 224))
    arr = np.asarray(img, dtype=np.float32) / 255.0
    return torch.from_numpy(arr.transpose(2, 0, 1)).unsqueeze(0)  # FAULT note u1


def build(n):
    net = mobilenet_v2(weights=MobileNet_V2_Weights.IMAGENET1K_V1)
    net.classifier[1] = nn.Linear(net.last_channel, n)
    return net


def train(root, epochs=10):
    data = datasets.ImageFolder(root, train_transform())
    loader = DataLoader(data, 32, shuffle=True, num_workers=2)
    net = build(len(data.classes))
    opt = torch.optim.Adam(net.parameters(), 1e-4)
    crit = nn.CrossEntropyLoss()
    for epoch in range(epochs):
        net.train()
        for x, y in loader:
            opt.zero_grad()
            loss = crit(net(x), y)
            loss.backward()
            opt.step()
        print(epoch, loss.item())
    torch.save({"state": net.state_dict(), "classes": data.classes}, "wheat.pt")


def predict(paths):
    ckpt = torch.load("wheat.pt", weights_only=True)
    net = build(len(ckpt["classes"]))
    net.load_state_dict(ckpt["state"])
    net.eval()
    with torch.no_grad():
        for p in paths:
            prob = net(load_picture(p)).softmax(1)[0]
            print(p, ckpt["classes"][prob.argmax().item()], f"{prob.max():.3f}")


if __name__ == "__main__":
    if sys.argv[1] == "train":
        train(sys.argv[2])
    else:
        predict(sys.argv[2:])
