from collections import Counter

import torch
from omegaconf import OmegaConf
from torch import nn
from torch.utils.data import DataLoader
from torchvision.models.segmentation import deeplabv3_resnet50


def class_frequencies(dataset, n):
    c = Counter()
    for _, mask in dataset:
        ids, num = mask.unique(return_counts=True)
        c.update(dict(zip(ids.tolist(), num.tolist())))
    total = sum(c.values())
    return [c[i] / total for i in range(n)]


def build_loss(freqs):
    w = torch.tensor([1.0 / (f + 0.02) for f in freqs])
    w = w / w.mean()
    return nn.CrossEntropyLoss(weight=w, ignore_index=255)


class Segmenter:
    def __init__(self, cfg, train_set):
        self.cfg = cfg
        self.device = torch.device(cfg.device)
        self.net = deeplabv3_resnet50(num_classes=cfg.num_classes).to(self.device)
        freqs = class_frequencies(train_set, cfg.num_classes)
        self.criterion = build_loss(freqs).to(self.device)
        self.opt = torch.optim.SGD(self.net.parameters(), lr=cfg.lr, momentum=0.9)
        self.loader = DataLoader(train_set, cfg.batch_size, shuffle=True, drop_last=True,
                                 num_workers=cfg.workers)

    def epoch(self):
        self.net.train()
        total = 0.0
        for image, mask in self.loader:
            image = image.to(self.device)
            mask = mask.to(self.device)
            self.opt.zero_grad()
            loss = self.criterion(self.net(image)["out"], mask.long())
            loss.backward()
            self.opt.step()
            total += loss.item()
        return total / len(self.loader)

    def run(self):
        for e in range(self.cfg.epochs):
            print(f"[{e}] {self.epoch():.4f}")
        torch.save(self.net.state_dict(), self.cfg.out)


if __name__ == "__main__":
    from roads import RoadTiles
    cfg = OmegaConf.merge(
        OmegaConf.create(dict(device="cuda", num_classes=5, lr=0.01, batch_size=8, workers=4,
                              epochs=50, out="roads.pt", root="roads/train")),
        OmegaConf.from_cli())
    Segmenter(cfg, RoadTiles(cfg.root)).run()
