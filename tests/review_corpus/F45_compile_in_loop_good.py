import torch
import torch.nn.functional as F
import timm

torch.set_float32_matmul_precision("high")


@torch.no_grad()
def evaluate(net, loader):
    net.eval()
    good = total = 0
    for x, y in loader:
        good += (net(x.cuda()).argmax(1) == y.cuda()).sum().item()
        total += y.numel()
    return good / total


def main(train_loader, val_loader, epochs=30):
    model = timm.create_model("resnet26d", num_classes=100).cuda()
    opt = torch.optim.SGD(model.parameters(), lr=0.2, momentum=0.9, weight_decay=5e-5, nesterov=True)
    total = epochs * len(train_loader)
    sched = torch.optim.lr_scheduler.OneCycleLR(opt, max_lr=0.2, total_steps=total)
    fast = torch.compile(model, mode="max-autotune")
    for epoch in range(epochs):
        fast.train()
        for x, y in train_loader:
            loss = F.cross_entropy(fast(x.cuda()), y.cuda())
            opt.zero_grad(set_to_none=True)
            loss.backward()
            opt.step()
            sched.step()
        print(epoch, evaluate(fast, val_loader))
    torch.save(model.state_dict(), "resnet26d.pth")
