import torch
import torch.nn as tnn
from torch.nn import BatchNorm2d as Norm

BN_MOMENTUM = 0.003
BN_EPSILON = 1e-3


def conv_norm(n_in, n_out, kernel):
    return tnn.Sequential(
        tnn.Conv2d(n_in, n_out, kernel, padding=kernel // 2, bias=False),
        Norm(n_out, eps=BN_EPSILON, momentum=BN_MOMENTUM),
        tnn.SiLU())


class Stack(tnn.Module):
    def __init__(self, widths=(3, 16, 32), classes=10):
        super().__init__()
        self.convs = tnn.Sequential(*(conv_norm(a, b, 3) for a, b in zip(widths, widths[1:])))
        self.fc = tnn.Linear(widths[-1], classes)

    def forward(self, x):
        return self.fc(self.convs(x).mean((2, 3)))


if __name__ == "__main__":
    torch.manual_seed(0)
    stack = Stack()
    stack.train()
    for _ in range(3):
        stack(torch.rand(8, 3, 16, 16))
    print(stack.eval()(torch.rand(2, 3, 16, 16)).shape)
