"""Stochastic weight averaging; BatchNorm is estimated anew for the mean weights."""
import torch
from torch import nn
from torch.optim.swa_utils import AveragedModel
from torch.utils.data import DataLoader, TensorDataset


@torch.no_grad()
def renew_batchnorm(model, loader):
    norms = [m for m in model.modules() if isinstance(m, nn.modules.batchnorm._BatchNorm)]
    for norm in norms:
        norm.reset_running_stats()
        norm.momentum = None
    model.train()
    for x, _ in loader:
        model(x)
    model.eval()


def main():
    torch.manual_seed(0)
    loader = DataLoader(TensorDataset(torch.randn(64, 6), torch.randn(64, 1)), 16, shuffle=True)
    model = nn.Sequential(nn.Linear(6, 12), nn.BatchNorm1d(12), nn.ReLU(), nn.Linear(12, 1))
    averaged = AveragedModel(model)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.05)
    for _ in range(3):
        model.train()
        for x, y in loader:
            optimizer.zero_grad()
            nn.functional.mse_loss(model(x), y).backward()
            optimizer.step()
        averaged.update_parameters(model)
    renew_batchnorm(averaged, loader)
    with torch.inference_mode():
        print(averaged(torch.randn(3, 6)))


if __name__ == "__main__":
    main()
