import torch
from torch import nn
from torch.utils.data import DataLoader, random_split
from torchvision import datasets
from torchvision.transforms import v2

plain = v2.Compose([v2.ToImage(), v2.ToDtype(torch.float32, scale=True)])
augment = v2.Compose([v2.RandomHorizontalFlip(), v2.RandomCrop(32, padding=4)])
full = datasets.CIFAR10("data", train=True, download=True, transform=plain)
train_set, val_set = random_split(full, [0.9, 0.1], torch.Generator().manual_seed(0))

net = nn.Sequential(nn.Conv2d(3, 8, 3, 2), nn.ReLU(), nn.AdaptiveAvgPool2d(2), nn.Flatten(),
                    nn.Linear(32, 10))
optimizer = torch.optim.Adam(net.parameters())
for epoch in range(2):
    net.train()
    for x, y in DataLoader(train_set, 16, shuffle=True):
        optimizer.zero_grad()
        nn.functional.cross_entropy(net(augment(x)), y).backward()
        optimizer.step()
    net.eval()
    with torch.no_grad():
        hits = sum((net(x).argmax(1) == y).sum().item() for x, y in DataLoader(val_set, 16))
    print(epoch, hits / len(val_set))
