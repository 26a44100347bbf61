"""1-D residual network for 12-lead ECG, 10 s at 500 Hz."""
import torch
from torch import nn, Tensor


def conv_bn(cin: int, cout: int, k: int, stride: int = 1, act: bool = True) -> nn.Sequential:
    mods = [nn.Conv1d(cin, cout, k, stride=stride, padding=k // 2, bias=False), nn.BatchNorm1d(cout)]
    if act:
        mods.append(nn.GELU())
    return nn.Sequential(*mods)


class ResUnit(nn.Module):
    def __init__(self, cin: int, cout: int, k: int = 15, down: int = 1, p: float = 0.2):
        super().__init__()
        self.body = nn.Sequential(
            conv_bn(cin, cout, k, stride=down),
            nn.Dropout(p),
            conv_bn(cout, cout, k, stride=down, act=False),  # FAULT note 03
        )
        if down != 1 or cin != cout:
            self.skip = conv_bn(cin, cout, 1, stride=down, act=False)
        else:
            self.skip = nn.Identity()
        self.act = nn.GELU()

    def forward(self, x: Tensor) -> Tensor:
        return self.act(self.body(x) + self.skip(x))


class ECGNet(nn.Module):
    def __init__(self, leads: int = 12, width: int = 64, classes: int = 5):
        super().__init__()
        self.stem = conv_bn(leads, width, 15, stride=2)
        stages = []
        c = width
        for mult in (1, 2, 4):
            stages.append(ResUnit(c, width * mult, down=4))
            c = width * mult
        self.stages = nn.Sequential(*stages)
        self.head = nn.Sequential(nn.AdaptiveAvgPool1d(1), nn.Flatten(), nn.Linear(c, classes))

    def forward(self, x: Tensor) -> Tensor:
        return self.head(self.stages(self.stem(x)))


def train(loader, epochs: int = 30) -> ECGNet:
    device = torch.device("cuda")
    net = ECGNet().to(device)
    opt = torch.optim.Adam(net.parameters(), lr=1e-3)
    loss_fn = nn.BCEWithLogitsLoss()
    for epoch in range(epochs):
        net.train()
        for signal, tags in loader:
            opt.zero_grad(set_to_none=True)
            loss = loss_fn(net(signal.to(device)), tags.float().to(device))
            loss.backward()
            opt.step()
    return net
