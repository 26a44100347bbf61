"""PyTorch port of a Keras CNN for galaxy morphology."""
import torch
import torch.nn as nn
from torch.utils.data import DataLoader


class GalaxyNet(nn.Module):
    def __init__(self, num_classes=10):
        super().__init__()
        self.block1 = self._block(3, 32)
        self.block2 = self._block(32, 64)
        self.block3 = self._block(64, 128)
        self.pool = nn.AdaptiveAvgPool2d(1)
        self.fc1 = nn.Linear(128, 128)
        self.drop = nn.Dropout(0.5)
        self.fc2 = nn.Linear(128, num_classes)

    @staticmethod
    def _block(cin, cout):
        return nn.Sequential(
            nn.Conv2d(cin, cout, 3, padding=1, bias=False),
            nn.BatchNorm2d(cout, eps=1e-3, momentum=0.99),  # FAULT note magic
            nn.ReLU(),
            nn.MaxPool2d(2),
        )

    def forward(self, x):
        x = self.block3(self.block2(self.block1(x)))
        x = self.pool(x).flatten(1)
        return self.fc2(self.drop(torch.relu(self.fc1(x))))


def main(train_set, val_set, epochs=30):
    device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
    net = GalaxyNet().to(device)
    opt = torch.optim.Adam(net.parameters(), lr=1e-3, eps=1e-7)
    ce = nn.CrossEntropyLoss()
    train_loader = DataLoader(train_set, batch_size=64, shuffle=True)
    val_loader = DataLoader(val_set, batch_size=256)
    for epoch in range(epochs):
        net.train()
        for x, y in train_loader:
            opt.zero_grad()
            loss = ce(net(x.to(device)), y.to(device))
            loss.backward()
            opt.step()
        net.eval()
        ok = 0
        with torch.no_grad():
            for x, y in val_loader:
                ok += (net(x.to(device)).argmax(1).cpu() == y).sum().item()
        print(epoch, ok / len(val_set))
