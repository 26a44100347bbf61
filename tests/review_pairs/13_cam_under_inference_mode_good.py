import torch
from torch import nn


class Classifier(nn.Module):
    def __init__(self, classes=4):
        super().__init__()
        self.features = nn.Sequential(nn.Conv2d(3, 8, 3, 2), nn.ReLU(), nn.Conv2d(8, 12, 3, 2), nn.ReLU())
        self.fc = nn.Linear(12, classes)

    def head(self, maps):
        return self.fc(maps.mean((2, 3)))

    def forward(self, x):
        return self.head(self.features(x))


def class_map(net, images):
    maps = net.features(images)
    score = net.head(maps).amax(1).sum()
    (grad,) = torch.autograd.grad(score, maps)
    return (grad.mean((2, 3), keepdim=True) * maps).sum(1).relu()


def predict_and_explain(net, images):
    net.eval()
    with torch.inference_mode():
        classes = net(images).argmax(1)
    heat = class_map(net, images)
    return classes, heat


if __name__ == "__main__":
    torch.manual_seed(0)
    classes, heat = predict_and_explain(Classifier(), torch.rand(2, 3, 24, 24))
    print(classes.tolist(), tuple(heat.shape))
