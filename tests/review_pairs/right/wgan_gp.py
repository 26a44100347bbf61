import torch
from torch import nn, autograd, optim

Z, LAMBDA, N_CRITIC = 100, 10.0, 5


def mlp(i, o):
    return nn.Sequential(nn.Linear(i, 256), nn.LeakyReLU(0.2), nn.Linear(256, 256),
                         nn.LeakyReLU(0.2), nn.Linear(256, o))


def gradient_penalty(critic, real, fake):
    alpha = torch.rand(real.size(0), 1, device=real.device)
    mix = (alpha * real + (1 - alpha) * fake).requires_grad_(True)
    score = critic(mix)
    grad, = autograd.grad(score, mix, grad_outputs=torch.ones_like(score),
                          create_graph=True, retain_graph=True)
    return ((grad.norm(2, dim=1) - 1) ** 2).mean()


def train(loader, dim, epochs=200, device="cuda"):
    gen, critic = mlp(Z, dim).to(device), mlp(dim, 1).to(device)
    opt_g = optim.Adam(gen.parameters(), lr=1e-4, betas=(0.5, 0.9))
    opt_c = optim.Adam(critic.parameters(), lr=1e-4, betas=(0.5, 0.9))
    step = 0
    for epoch in range(epochs):
        for (real,) in loader:
            real = real.to(device)
            fake = gen(torch.randn(len(real), Z, device=device))

            opt_c.zero_grad()
            c_loss = critic(fake.detach()).mean() - critic(real).mean()
            c_loss = c_loss + LAMBDA * gradient_penalty(critic, real, fake.detach())
            c_loss.backward()
            opt_c.step()

            step += 1
            if step % N_CRITIC == 0:
                opt_g.zero_grad()
                g_loss = -critic(fake).mean()
                g_loss.backward()
                opt_g.step()
        print(epoch, c_loss.item())
    torch.save(gen.state_dict(), "tabular_gan.pt")
