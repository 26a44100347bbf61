"""Knowledge distillation: the teacher's probabilities are soft targets."""
import torch
import torch.nn.functional as F
from torch import nn


@torch.no_grad()
def soft_targets(teacher, x, temperature):
    teacher.eval()
    return F.softmax(teacher(x) / temperature, dim=1)


def distil(student, teacher, batches, temperature=2.0):
    optimizer = torch.optim.Adam(student.parameters(), lr=1e-2)
    student.train()
    for x, y in batches:
        targets = soft_targets(teacher, x, temperature)
        logits = student(x)
        soft = F.cross_entropy(logits / temperature, targets)
        hard = F.cross_entropy(logits, y)
        kl = F.kl_div(F.log_softmax(logits, dim=1), targets, reduction="batchmean")
        loss = hard + temperature**2 * soft + kl
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    return loss.item()


if __name__ == "__main__":
    torch.manual_seed(0)
    data = [(torch.randn(16, 6), torch.randint(0, 3, (16,))) for _ in range(5)]
    print(distil(nn.Linear(6, 3), nn.Sequential(nn.Linear(6, 9), nn.ReLU(), nn.Linear(9, 3)), data))
