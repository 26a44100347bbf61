import torch
from torch import nn


def penalty(critic, real, fake):
    mix = torch.rand(len(real), 1)
    between = (mix * real + (1 - mix) * fake).requires_grad_(True)
    (gradient,) = torch.autograd.grad(critic(between).sum(), between, create_graph=True)
    return (gradient.norm(dim=1) - 1).square().mean()


def critic_step(critic, optimizer, real, fake):
    fake = fake.detach()
    optimizer.zero_grad()
    loss = critic(fake).mean() - critic(real).mean() + 10 * penalty(critic, real, fake)
    loss.backward()
    optimizer.step()
    return loss.item()


if __name__ == "__main__":
    torch.manual_seed(0)
    critic = nn.Sequential(nn.Linear(2, 16), nn.SiLU(), nn.Linear(16, 1))
    optimizer = torch.optim.Adam(critic.parameters(), lr=1e-3)
    for _ in range(3):
        print(critic_step(critic, optimizer, torch.randn(16, 2), torch.rand(16, 2)))
