import torch
from torch import nn
from torch.optim.lr_scheduler import CosineAnnealingWarmRestarts as Restarts
from torch.utils.data import DataLoader, TensorDataset

torch.manual_seed(0)
x = torch.randn(80, 5)
loader = DataLoader(TensorDataset(x, x[:, :2].argmax(1)), batch_size=16, shuffle=True)
model = nn.Linear(5, 2)
optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
scheduler = Restarts(optimizer, T_0=2, T_mult=2)
iters = len(loader)
for epoch in range(6):
    model.train()
    for i, (batch, label) in enumerate(loader):
        optimizer.zero_grad()
        loss = nn.functional.cross_entropy(model(batch), label)
        loss.backward()
        optimizer.step()
        scheduler.step(epoch + i / iters)
    print(epoch, scheduler.get_last_lr())
