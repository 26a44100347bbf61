import torch
from torch import nn
from torch.optim.lr_scheduler import OneCycleLR
from torchvision.models import resnet18


def train(train_loader, val_loader, epochs=18, max_lr=0.4):
    device = torch.device("cuda")
    net = resnet18(num_classes=100).to(device)
    opt = torch.optim.SGD(net.parameters(), lr=max_lr / 25, momentum=0.9, weight_decay=5e-4,
                          nesterov=True)
    sched = OneCycleLR(opt, max_lr=max_lr, epochs=epochs, steps_per_epoch=len(train_loader))
    ce = nn.CrossEntropyLoss(label_smoothing=0.1)

    for epoch in range(epochs):
        net.train()
        for x, y in train_loader:
            opt.zero_grad()
            loss = ce(net(x.to(device)), y.to(device))
            loss.backward()
            opt.step()
            sched.step()

        net.eval()
        ok = n = 0
        with torch.no_grad():
            for x, y in val_loader:
                ok += (net(x.to(device)).argmax(1).cpu() == y).sum().item()
                n += len(y)
        print(f"epoch {epoch} lr {sched.get_last_lr()[0]:.5f} acc {ok / n:.4f}")
    torch.save(net.state_dict(), "c100.pt")
    return net
