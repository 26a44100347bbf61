import torch
import torch.nn.functional as F
from torch import nn
from torch.optim import SGD
from torch.optim.lr_scheduler import CosineAnnealingLR
from torch.utils.data import DataLoader, TensorDataset

torch.manual_seed(0)
num_epochs = 8
x = torch.randn(128, 9)
loader = DataLoader(TensorDataset(x, x[:, :3].argmax(1)), batch_size=16, shuffle=True)
net = nn.Sequential(nn.Linear(9, 18), nn.ReLU(), nn.Linear(18, 3))
optimizer = SGD(net.parameters(), lr=0.2, momentum=0.9)
total_updates = num_epochs * len(loader)
scheduler = CosineAnnealingLR(optimizer, T_max=total_updates)

for epoch in range(num_epochs):
    net.train()
    for batch, label in loader:
        optimizer.zero_grad()
        loss = F.cross_entropy(net(batch), label)
        loss.backward()
        optimizer.step()
        scheduler.step()
    print(epoch, round(loss.item(), 3), optimizer.param_groups[0]["lr"])
