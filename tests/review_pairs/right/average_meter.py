import torch


class AverageMeter:
    def __init__(self, name):
        self.name = name
        self.reset()

    def reset(self):
        self.val = self.avg = self.sum = self.count = 0

    def update(self, val, n=1):
        self.val = val
        self.sum += val * n
        self.count += n
        self.avg = self.sum / self.count

    def __str__(self):
        return f"{self.name} {self.val:.3f} ({self.avg:.3f})"


def topk_acc(output, target, ks=(1, 5)):
    with torch.no_grad():
        pred = output.topk(max(ks), 1).indices.t()
        ok = pred.eq(target[None])
        return [ok[:k].any(0).float().mean().item() * 100 for k in ks]


def validate(loader, model, criterion, print_freq=20):
    losses, top1, top5 = AverageMeter("Loss"), AverageMeter("Acc@1"), AverageMeter("Acc@5")
    model.eval()
    with torch.no_grad():
        for i, (images, target) in enumerate(loader):
            images, target = images.cuda(), target.cuda()
            output = model(images)
            loss = criterion(output, target)
            a1, a5 = topk_acc(output, target)
            losses.update(loss.item(), images.size(0))
            top1.update(a1, images.size(0))
            top5.update(a5, images.size(0))
            if i % print_freq == 0:
                print(i, losses, top1, top5)
    return top1.avg
