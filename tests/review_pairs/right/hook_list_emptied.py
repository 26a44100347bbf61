import torch
from torch import nn
from torchvision.models import resnet18

model = resnet18(num_classes=100).cuda()
sparsity_penalty = 1e-4
buf = []


for m in model.modules():
    if isinstance(m, nn.Conv2d) and m.kernel_size == (3, 3):
        m.register_forward_hook(lambda mod, i, o: buf.append(o.abs().mean()))

opt = torch.optim.SGD(model.parameters(), 0.05, momentum=0.9)
ce = nn.CrossEntropyLoss()


def train_epoch(loader):
    model.train()
    loss_sum, cnt = 0.0, 0
    for xs, ys in loader:
        xs, ys = xs.cuda(), ys.cuda()
        buf.clear()
        logits = model(xs)
        loss = ce(logits, ys) + sparsity_penalty * torch.stack(buf).sum()
        opt.zero_grad()
        loss.backward()
        opt.step()
        buf.clear()
        loss_sum += loss.item() * ys.size(0)
        cnt += ys.size(0)
    return loss_sum / cnt


def val_epoch(loader):
    model.eval()
    hits, cnt = 0, 0
    with torch.no_grad():
        for xs, ys in loader:
            hits += model(xs.cuda()).argmax(1).cpu().eq(ys).sum().item()
            cnt += ys.size(0)
            buf.clear()
    return hits / cnt
