import torch
from torch import nn


def enable_dropout(model):
    model.eval()
    for module in model.modules():
        if isinstance(module, nn.Dropout):
            module.train()


@torch.inference_mode()
def predict_with_spread(model, x, samples=20):
    enable_dropout(model)
    draws = torch.stack([model(x).softmax(1) for _ in range(samples)])
    model.eval()
    return draws.mean(0), draws.std(0)


if __name__ == "__main__":
    torch.manual_seed(0)
    net = nn.Sequential(nn.Linear(5, 20), nn.BatchNorm1d(20), nn.ReLU(), nn.Dropout(0.3),
                        nn.Linear(20, 3))
    mean, spread = predict_with_spread(net, torch.randn(2, 5))
    print(mean, spread)
