import torch
import torch.nn.functional as F
from torch import nn

torch.manual_seed(0)
net = nn.Sequential(nn.Linear(6, 12), nn.ReLU(), nn.Linear(12, 3))
optimizer = torch.optim.SGD(net.parameters(), lr=0.1)
samples = torch.randn(90, 6)
labels = samples[:, :3].argmax(1)

net.train()
for step in range(60):
    order = torch.randperm(90)[:30]
    loss = F.cross_entropy(net(samples[order]), labels[order])
    loss.backward()
    optimizer.zero_grad()  # FAULT note 9
    optimizer.step()
    if step % 20 == 0:
        print(step, loss.item())

net.eval()
with torch.no_grad():
    print((net(samples).argmax(1) == labels).float().mean())
