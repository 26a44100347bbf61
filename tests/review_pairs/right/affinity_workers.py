import os

import torch
from torch import nn
from torch.utils.data import DataLoader
from torchvision import datasets, models, transforms


def usable_cpus():
    try:
        return len(os.sched_getaffinity(0))
    except AttributeError:          # macOS, Windows
        return os.cpu_count() or 1


NUM_WORKERS = min(usable_cpus(), os.cpu_count() or 1, 4)

tf = models.RegNet_Y_400MF_Weights.IMAGENET1K_V2.transforms()
train_set = datasets.Flowers102("data", split="train", download=True, transform=transforms.Compose([
    transforms.RandomHorizontalFlip(), tf]))
test_set = datasets.Flowers102("data", split="test", download=True, transform=tf)


def loader(ds, train):
    return DataLoader(ds, batch_size=64, shuffle=train, num_workers=NUM_WORKERS,
                      persistent_workers=NUM_WORKERS > 0)


device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
net = models.regnet_y_400mf(weights=models.RegNet_Y_400MF_Weights.IMAGENET1K_V2)
net.fc = nn.Linear(net.fc.in_features, 102)
net.to(device)
opt = torch.optim.SGD(net.parameters(), lr=0.01, momentum=0.9)
ce = nn.CrossEntropyLoss()
train_loader, test_loader = loader(train_set, True), loader(test_set, False)

for epoch in range(30):
    net.train()
    for x, y in train_loader:
        opt.zero_grad()
        loss = ce(net(x.to(device)), y.to(device))
        loss.backward()
        opt.step()

net.eval()
hits = 0
with torch.inference_mode():
    for x, y in test_loader:
        hits += (net(x.to(device)).argmax(1).cpu() == y).sum().item()
print(hits / len(test_set))
