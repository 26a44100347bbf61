import logging

import torch
import torch.nn.functional as F

log = logging.getLogger(__name__)


class NonFiniteGradient(RuntimeError):
    pass


class TTSTrainer:
    def __init__(self, net, optimizer, device, max_bad=5):
        self.net = net.to(device)
        self.optimizer = optimizer
        self.device = device
        self.max_bad = max_bad
        self.bad = 0
        self.global_step = 0

    def gradients_ok(self):
        for name, p in self.net.named_parameters():
            if p.grad is not None and not torch.isfinite(p.grad).all():
                log.warning("step %d: non-finite gradient in %s", self.global_step, name)
                return False
        return True

    def compute_loss(self, batch):
        text, mel, durations = (t.to(self.device) for t in batch)
        mel_hat, dur_hat = self.net(text, durations)
        return F.l1_loss(mel_hat, mel) + 0.1 * F.mse_loss(dur_hat, durations.float())

    def training_step(self, batch):
        self.net.train()
        self.optimizer.zero_grad()
        loss = self.compute_loss(batch)
        loss.backward()
        if self.gradients_ok():
            self.optimizer.step()
        else:
            self.bad += 1
            if self.bad > self.max_bad:
                raise NonFiniteGradient(f"{self.bad} bad steps")
        self.global_step += 1
        return loss.item()

    def fit(self, loader, epochs):
        for epoch in range(epochs):
            total = 0.0
            for batch in loader:
                total += self.training_step(batch)
            log.info("epoch %d loss %.4f", epoch, total / len(loader))
