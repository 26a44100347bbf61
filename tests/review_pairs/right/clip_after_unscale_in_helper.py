"""A scaler that clips, as in some training frameworks."""
import torch
from torch import nn

DEVICE = "cuda" if torch.cuda.is_available() else "cpu"


class ClippingScaler:
    def __init__(self, device):
        self._scaler = torch.amp.GradScaler(device)

    def __call__(self, loss, optimizer, parameters, clip_grad=None):
        self._scaler.scale(loss).backward()
        if clip_grad is not None:
            self._scaler.unscale_(optimizer)
            nn.utils.clip_grad_norm_(parameters, clip_grad)
        self._scaler.step(optimizer)
        self._scaler.update()


def train(net, batches):
    optimizer = torch.optim.SGD(net.parameters(), lr=0.01)
    loss_scaler = ClippingScaler(DEVICE)
    net.train()
    for x, y in batches:
        with torch.autocast(DEVICE, dtype=torch.float16):
            loss = nn.functional.mse_loss(net(x), y)
        optimizer.zero_grad()
        loss_scaler(loss, optimizer, net.parameters(), clip_grad=1.0)
    return loss.item()


if __name__ == "__main__":
    torch.manual_seed(0)
    data = [(torch.randn(8, 3, device=DEVICE), torch.randn(8, 1, device=DEVICE)) for _ in range(4)]
    print(train(nn.Linear(3, 1).to(DEVICE), data))
