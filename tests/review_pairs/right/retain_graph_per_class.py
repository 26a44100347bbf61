import torch
from torch import nn


def saliency_of_classes(model, image):
    model.eval()
    image = image.clone().requires_grad_(True)
    logits = model(image[None])[0]
    maps = []
    for k, logit in enumerate(logits):
        more = k + 1 < len(logits)
        (gradient,) = torch.autograd.grad(logit, image, retain_graph=more)
        maps.append(gradient.abs().amax(0))
    return torch.stack(maps)


if __name__ == "__main__":
    torch.manual_seed(0)
    net = nn.Sequential(nn.Conv2d(3, 4, 3), nn.ReLU(), nn.Flatten(), nn.Linear(144, 5))
    print(saliency_of_classes(net, torch.rand(3, 8, 8)).shape)
