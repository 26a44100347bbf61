"""A GAN for one-dimensional samples."""
import argparse

import torch
from torch import nn

bce = nn.BCEWithLogitsLoss()


def update_critic(critic, optimizer, real, fake):
    optimizer.zero_grad()
    loss = (bce(critic(real), torch.ones(len(real), 1))
            + bce(critic(fake.detach()), torch.zeros(len(fake), 1)))
    loss.backward()
    optimizer.step()
    return loss.item()


def update_generator(critic, optimizer, fake):
    loss = bce(critic(fake), torch.ones(len(fake), 1))
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    return loss.item()


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--steps", type=int, default=20)
    parser.add_argument("--noise", type=int, default=3)
    args = parser.parse_args()
    torch.manual_seed(0)
    generator = nn.Sequential(nn.Linear(args.noise, 8), nn.ReLU(), nn.Linear(8, 1))
    critic = nn.Sequential(nn.Linear(1, 8), nn.ReLU(), nn.Linear(8, 1))
    opt_g = torch.optim.Adam(generator.parameters(), lr=1e-3)
    opt_c = torch.optim.Adam(critic.parameters(), lr=1e-3)
    for _ in range(args.steps):
        fake = generator(torch.randn(16, args.noise))
        loss_c = update_critic(critic, opt_c, torch.randn(16, 1) + 4, fake)
        loss_g = update_generator(critic, opt_g, fake)
    print(loss_c, loss_g)


if __name__ == "__main__":
    main()
