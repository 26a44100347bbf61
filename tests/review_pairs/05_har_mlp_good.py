import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F
from torch.utils.data import DataLoader, TensorDataset


class Net(nn.Module):
    def __init__(self):
        super(Net, self).__init__()
        self.fc1 = nn.Linear(561, 256)
        self.fc2 = nn.Linear(256, 64)
        self.fc3 = nn.Linear(64, 6)
        self.drop = nn.Dropout(0.3)

    def forward(self, x):
        x = self.drop(F.relu(self.fc1(x)))
        x = F.relu(self.fc2(x))
        x = self.fc3(x)
        return x


def load(split):
    x = np.loadtxt(f"UCI HAR Dataset/{split}/X_{split}.txt", dtype=np.float32)
    y = np.loadtxt(f"UCI HAR Dataset/{split}/y_{split}.txt", dtype=np.int64) - 1
    return TensorDataset(torch.from_numpy(x), torch.from_numpy(y))


train_loader = DataLoader(load("train"), batch_size=64, shuffle=True)
test_loader = DataLoader(load("test"), batch_size=256)

net = Net()
criterion = nn.CrossEntropyLoss()
optimizer = torch.optim.Adam(net.parameters(), lr=0.001)

for epoch in range(30):
    net.train()
    running_loss = 0.0
    for inputs, labels in train_loader:
        optimizer.zero_grad()
        outputs = net(inputs)
        loss = criterion(outputs, labels)
        loss.backward()
        optimizer.step()
        running_loss += loss.item()

    net.eval()
    hits = 0
    with torch.no_grad():
        for inputs, labels in test_loader:
            hits += (net(inputs).argmax(dim=1) == labels).sum().item()
    print("epoch %d loss %.3f acc %.3f" % (
        epoch + 1, running_loss / len(train_loader), hits / len(test_loader.dataset)))
