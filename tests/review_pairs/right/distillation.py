import torch
import torch.nn.functional as F
from torch import nn


class Distiller:
    """Hinton's soft targets: softmax on the teacher, log_softmax on the student."""

    def __init__(self, teacher, student, optimizer, temperature=4.0, alpha=0.7, device="cuda"):
        self.teacher = teacher.to(device).eval()
        for p in self.teacher.parameters():
            p.requires_grad_(False)
        self.student = student.to(device)
        self.optimizer = optimizer
        self.t, self.alpha, self.device = temperature, alpha, device
        self.hard = nn.CrossEntropyLoss()

    def loss(self, x, y):
        with torch.no_grad():
            soft = F.softmax(self.teacher(x) / self.t, dim=1)
        logits = self.student(x)
        log_p = F.log_softmax(logits / self.t, dim=1)
        kd = F.kl_div(log_p, soft, reduction="batchmean") * self.t ** 2
        return self.alpha * kd + (1 - self.alpha) * self.hard(logits, y)

    def epoch(self, loader):
        self.student.train()
        total = 0.0
        for x, y in loader:
            self.optimizer.zero_grad()
            loss = self.loss(x.to(self.device), y.to(self.device))
            loss.backward()
            self.optimizer.step()
            total += loss.item()
        return total / len(loader)

    @torch.no_grad()
    def accuracy(self, loader):
        self.student.eval()
        ok = n = 0
        for x, y in loader:
            prob = self.student(x.to(self.device)).softmax(-1).cpu()
            ok += (prob.argmax(1) == y).sum().item()
            n += len(y)
        return ok / n
