import torch
from torch import nn


def make(momentum=0.1):
    return nn.Sequential(
        nn.Conv2d(3, 8, 3, bias=False), nn.BatchNorm2d(8, momentum=momentum, eps=1e-3), nn.ReLU(),
        nn.Conv2d(8, 8, 3, bias=False), nn.BatchNorm2d(8, momentum=None), nn.ReLU(),
        nn.Conv2d(8, 8, 3, bias=False), nn.BatchNorm2d(8, momentum=1 - 0.99),
        nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(8, 2))


@torch.no_grad()
def follow(teacher, student, momentum=0.996):
    for slow, fast in zip(teacher.parameters(), student.parameters()):
        slow.mul_(momentum).add_(fast, alpha=1 - momentum)


if __name__ == "__main__":
    torch.manual_seed(0)
    student, teacher = make(), make()
    teacher.requires_grad_(False)
    optimizer = torch.optim.SGD(student.parameters(), lr=0.1, momentum=0.99, nesterov=True)
    student.train()
    optimizer.zero_grad()
    nn.functional.cross_entropy(student(torch.rand(4, 3, 10, 10)), torch.tensor([0, 1, 0, 1])).backward()
    optimizer.step()
    follow(teacher, student)
    print(teacher.eval()(torch.rand(1, 3, 10, 10)))
