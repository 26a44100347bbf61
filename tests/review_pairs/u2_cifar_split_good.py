import torch
from torch import nn, optim
from torch.utils.data import DataLoader, Subset
from torchvision import datasets, transforms, models

norm = transforms.Normalize((0.4914, 0.4822, 0.4465), (0.2470, 0.2435, 0.2616))
train_tf = transforms.Compose([
    transforms.RandomCrop(32, padding=4),
    transforms.RandomHorizontalFlip(),
    transforms.ToTensor(),
    norm,
])
plain_tf = transforms.Compose([transforms.ToTensor(), norm])

perm = torch.randperm(50000, generator=torch.Generator().manual_seed(0)).tolist()
train_full = datasets.CIFAR10("data", train=True, download=True, transform=train_tf)
plain_full = datasets.CIFAR10("data", train=True, transform=plain_tf)
train_set = Subset(train_full, perm[5000:])
val_set = Subset(plain_full, perm[:5000])
test_set = datasets.CIFAR10("data", train=False, transform=plain_tf)

train_loader = DataLoader(train_set, batch_size=128, shuffle=True, num_workers=2)
val_loader = DataLoader(val_set, batch_size=500)
test_loader = DataLoader(test_set, batch_size=500)

device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
net = models.resnet18(num_classes=10).to(device)
criterion = nn.CrossEntropyLoss()
optimizer = optim.SGD(net.parameters(), lr=0.05, momentum=0.9, weight_decay=5e-4)
scheduler = optim.lr_scheduler.CosineAnnealingLR(optimizer, T_max=100)


def accuracy(loader):
    net.eval()
    hits = 0
    with torch.no_grad():
        for x, y in loader:
            hits += (net(x.to(device)).argmax(1).cpu() == y).sum().item()
    return hits / len(loader.dataset)


for epoch in range(100):
    net.train()
    for x, y in train_loader:
        optimizer.zero_grad()
        loss = criterion(net(x.to(device)), y.to(device))
        loss.backward()
        optimizer.step()
    scheduler.step()
    print(f"{epoch:3d} val {accuracy(val_loader):.4f}")
print(f"test {accuracy(test_loader):.4f}")
