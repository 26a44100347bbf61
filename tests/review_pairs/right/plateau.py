import torch
from torch import nn
from torch.optim.lr_scheduler import ReduceLROnPlateau


def run(model, loader, criterion, device, optimizer=None):
    train = optimizer is not None
    model.train(train)
    losses = []
    with torch.set_grad_enabled(train):
        for x, y in loader:
            loss = criterion(model(x.to(device)), y.to(device))
            if train:
                optimizer.zero_grad()
                loss.backward()
                optimizer.step()
            losses.append(loss.detach())
    return torch.stack(losses).mean().item()


def main(model, train_loader, val_loader, epochs=80):
    device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
    model.to(device)
    weight = torch.tensor([0.6, 3.2, 1.1])
    criterion = nn.CrossEntropyLoss(weight=weight)
    criterion.to(device)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.05, momentum=0.9)
    scheduler = ReduceLROnPlateau(optimizer, factor=0.3, patience=4)

    for epoch in range(epochs):
        train_loss = run(model, train_loader, criterion, device, optimizer)
        val_loss = run(model, val_loader, criterion, device)
        scheduler.step(val_loss)
        lr = optimizer.param_groups[0]["lr"]
        print(f"{epoch:2d} {train_loss:.4f} {val_loss:.4f} {lr:.2e}")
        if lr < 1e-5:
            break
    torch.save(model.state_dict(), "glacier.pt")
