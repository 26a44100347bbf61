import torch
from torch import nn

net = nn.Sequential(
    nn.Conv2d(3, 8, 3, padding=1),
    nn.ReLU(),
    nn.BatchNorm2d(8),
    nn.Conv2d(8, 16, 3, stride=2, padding=1),
    nn.GroupNorm(4, 16),
    nn.SiLU(),
    nn.Conv2d(16, 16, 3, padding=1, bias=False),
    nn.BatchNorm2d(16),
    nn.SiLU(),
    nn.AdaptiveAvgPool2d(1),
    nn.Flatten(),
    nn.Linear(16, 4),
)
optimizer = torch.optim.SGD(net.parameters(), lr=0.1)
net.train()
for _ in range(2):
    optimizer.zero_grad()
    loss = nn.functional.cross_entropy(net(torch.rand(4, 3, 12, 12)), torch.randint(0, 4, (4,)))
    loss.backward()
    optimizer.step()
print(loss.item())
