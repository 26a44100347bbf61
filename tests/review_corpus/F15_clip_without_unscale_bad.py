import torch
from torch import nn, amp


class AmpTrainer(object):
    def __init__(self, net, optimizer, cfg):
        self.net = net
        self.optimizer = optimizer
        self.use_amp = cfg.get("amp", True)
        self.clip_value = cfg.get("clip_value", 0.5)
        self.scaler = amp.GradScaler("cuda", enabled=self.use_amp)
        self.ce = nn.CrossEntropyLoss()

    def optimise(self, loss):
        self.optimizer.zero_grad(set_to_none=True)
        self.scaler.scale(loss).backward()
        if self.clip_value:
            nn.utils.clip_grad_value_(self.net.parameters(), self.clip_value)  # FAULT note 9
        self.scaler.step(self.optimizer)
        self.scaler.update()

    def train_epoch(self, loader):
        self.net.train()
        correct = total = 0
        for batch in loader:
            x = batch["image"].cuda()
            y = batch["label"].cuda()
            with amp.autocast("cuda", enabled=self.use_amp):
                logits = self.net(x)
                loss = self.ce(logits, y)
            self.optimise(loss)
            correct += logits.argmax(1).eq(y).sum().item()
            total += y.size(0)
        return 100.0 * correct / total
