import functools
import os

import torch
import torch.nn.functional as fun
from torch import nn, optim
from torch.utils import data as tud

torch.manual_seed(1)
inputs = torch.randn(96, 10)
targets = (inputs.sum(1) > 0).long()
train_part = tud.TensorDataset(inputs[:64], targets[:64])
test_part = tud.TensorDataset(inputs[64:], targets[64:])

make_loader = functools.partial(
    tud.DataLoader, batch_size=16,
    num_workers=1)
net = nn.Linear(10, 2)
opt = optim.SGD(net.parameters(), lr=0.1)

net.train()
for x, y in make_loader(train_part, shuffle=True):
    opt.zero_grad()
    fun.cross_entropy(net(x), y).backward()
    opt.step()

net.eval()
with torch.no_grad():
    hits = sum((net(x).argmax(1) == y).sum().item() for x, y in make_loader(test_part))
print(f"{hits} of {len(test_part)}")
