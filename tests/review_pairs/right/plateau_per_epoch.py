import torch
from torch import nn, optim
from torch.utils.data import DataLoader, TensorDataset


def mean_loss(net, loader, optimizer=None):
    net.train(optimizer is not None)
    total = 0.0
    with torch.set_grad_enabled(optimizer is not None):
        for x, y in loader:
            loss = nn.functional.mse_loss(net(x), y)
            if optimizer is not None:
                optimizer.zero_grad()
                loss.backward()
                optimizer.step()
            total += loss.item() * len(x)
    return total / len(loader.dataset)


def main(epochs=6):
    torch.manual_seed(0)
    x = torch.randn(120, 3)
    data = TensorDataset(x, x.sum(1, keepdim=True))
    train_set, val_set = torch.utils.data.random_split(data, [100, 20])
    net = nn.Linear(3, 1)
    optimizer = optim.SGD(net.parameters(), lr=0.05)
    plateau = optim.lr_scheduler.ReduceLROnPlateau(optimizer, patience=1, factor=0.5)
    for epoch in range(epochs):
        mean_loss(net, DataLoader(train_set, 20, shuffle=True), optimizer)
        val = mean_loss(net, DataLoader(val_set, 20))
        plateau.step(val)
        print(epoch, val, optimizer.param_groups[0]["lr"])


if __name__ == "__main__":
    main()
