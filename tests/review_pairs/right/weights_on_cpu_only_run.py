import torch
from torch import nn

weights = torch.tensor([0.2, 0.8])
criterion = nn.CrossEntropyLoss(weight=weights)
model = nn.Sequential(nn.Linear(3, 8), nn.ReLU(), nn.Linear(8, 2))
optimizer = torch.optim.Adam(model.parameters(), lr=1e-2)

torch.manual_seed(0)
x = torch.randn(100, 3)
y = (x[:, 0] > 1).long()
model.train()
for start in range(0, 100, 20):
    optimizer.zero_grad()
    loss = criterion(model(x[start:start + 20]), y[start:start + 20])
    loss.backward()
    optimizer.step()
print(loss.item())
