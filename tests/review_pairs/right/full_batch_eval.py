import torch
import torch.nn.functional as F
from torch.utils.data import DataLoader
from torchvision.datasets import USPS
from torchvision.transforms import ToTensor

train_ds = USPS("usps", train=True, download=True, transform=ToTensor())
test_ds = USPS("usps", train=False, download=True, transform=ToTensor())
train_dl = DataLoader(train_ds, batch_size=64, shuffle=True)
test_dl = DataLoader(test_ds, batch_size=len(test_ds))

model = torch.nn.Sequential(
    torch.nn.Conv2d(1, 16, 3), torch.nn.BatchNorm2d(16), torch.nn.ReLU(),
    torch.nn.MaxPool2d(2), torch.nn.Flatten(), torch.nn.Linear(16 * 49, 10))
optimizer = torch.optim.Adam(model.parameters(), lr=1e-3)


def test():
    model.eval()
    with torch.no_grad():
        for x, y in test_dl:
            logits = model(x)
            loss = F.cross_entropy(logits, y)
            acc = (logits.argmax(1) == y).float().mean()
    return loss.item(), acc.item()


for epoch in range(10):
    model.train()
    for x, y in train_dl:
        optimizer.zero_grad()
        F.cross_entropy(model(x), y).backward()
        optimizer.step()
    test_loss, test_acc = test()
    print(f"{epoch:2d}  {test_loss:.4f}  {100 * test_acc:.2f}%")
