"""Log the norm of the gradients and stop when it overflows."""
import torch
from accelerate import Accelerator
from torch import nn
from torch.utils.data import DataLoader, TensorDataset


def grad_norm(parameters):
    norms = [p.grad.norm() for p in parameters if p.grad is not None]
    return torch.stack(norms).norm() if norms else torch.tensor(0.0)


def main():
    accelerator = Accelerator()
    net = nn.Sequential(nn.Linear(6, 6), nn.Tanh(), nn.Linear(6, 1))
    opt = torch.optim.AdamW(net.parameters(), lr=1e-3)
    x = torch.randn(48, 6)
    loader = DataLoader(TensorDataset(x, x[:, :1]), batch_size=12)
    net, opt, loader = accelerator.prepare(net, opt, loader)
    net.train()
    for batch, target in loader:
        opt.zero_grad()
        loss = nn.functional.mse_loss(net(batch), target)
        accelerator.backward(loss)
        norm = grad_norm(net.parameters())
        if not torch.isfinite(norm):
            raise FloatingPointError(f"gradient norm {norm}")
        opt.step()
        accelerator.print(f"{loss.item():.3f} {norm:.3f}")


if __name__ == "__main__":
    main()
