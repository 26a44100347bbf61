import torch
from torch import nn


def input_gradient(model, images):
    with torch.enable_grad():
        images = images.clone().requires_grad_(True)
        score = model(images).amax(1).sum()
        (gradient,) = torch.autograd.grad(score, images)
    return gradient


@torch.no_grad()
def report(model, batches):
    model.eval()
    for images, labels in batches:
        right = (model(images).argmax(1) == labels).float().mean()
        print(right.item(), input_gradient(model, images).abs().mean().item())


if __name__ == "__main__":
    torch.manual_seed(0)
    report(nn.Linear(4, 3), [(torch.randn(6, 4), torch.randint(0, 3, (6,))) for _ in range(2)])
