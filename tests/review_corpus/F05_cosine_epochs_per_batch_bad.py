import argparse
import torch
from torch import nn, optim
from torchvision import datasets, transforms, models

parser = argparse.ArgumentParser()
parser.add_argument("--epochs", type=int, default=60)
parser.add_argument("--lr", type=float, default=0.1)
args = parser.parse_args()
device = "cuda" if torch.cuda.is_available() else "cpu"

norm = transforms.Normalize((0.4914, 0.4822, 0.4465), (0.2470, 0.2435, 0.2616))
trainset = datasets.CIFAR10("./data", train=True, download=True, transform=transforms.Compose(
    [transforms.RandomCrop(32, padding=4), transforms.RandomHorizontalFlip(), transforms.ToTensor(), norm]))
trainloader = torch.utils.data.DataLoader(trainset, batch_size=128, shuffle=True, num_workers=2)

net = models.resnet18(num_classes=10).to(device)
criterion = nn.CrossEntropyLoss()
optimizer = optim.SGD(net.parameters(), lr=args.lr, momentum=0.9, weight_decay=5e-4)
scheduler = optim.lr_scheduler.CosineAnnealingLR(optimizer, T_max=args.epochs)


def train(epoch):
    net.train()
    running, seen = 0.0, 0
    for inputs, targets in trainloader:
        inputs, targets = inputs.to(device), targets.to(device)
        optimizer.zero_grad()
        loss = criterion(net(inputs), targets)
        loss.backward()
        optimizer.step()
        scheduler.step()  # FAULT note 6
        running += loss.item() * targets.size(0)
        seen += targets.size(0)
    print(f"epoch {epoch} loss {running / seen:.4f} lr {optimizer.param_groups[0]['lr']:.5f}")


for epoch in range(args.epochs):
    train(epoch)
