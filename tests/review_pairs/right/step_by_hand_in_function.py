import torch
from torch import nn

names = nn.RNN(26, 32)
head = nn.Linear(32, 5)
loss_fn = nn.CrossEntropyLoss()


def learn(letters, language, rate=0.01):
    names.zero_grad()
    head.zero_grad()
    _, last = names(letters)
    loss = loss_fn(head(last[-1]), language)
    loss.backward()
    for p in [*names.parameters(), *head.parameters()]:
        p.data.add_(p.grad, alpha=-rate)
    return loss.item()


for i in range(1000):
    loss = learn(torch.randn(9, 1, 26), torch.randint(5, (1,)))

# a second exercise: the next value of a wave
wave = torch.sin(torch.arange(400) / 8)
x, y = wave.unfold(0, 20, 1)[:-1], wave[20:]
model = nn.Linear(20, 1)
optimizer = torch.optim.Adam(model.parameters(), lr=0.01)
for epoch in range(50):
    loss = nn.functional.mse_loss(model(x).squeeze(1), y)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
