import torch
from torch import nn


def unwrap(model):
    return model.module if hasattr(model, "module") else model


def reset(model):
    for layer in model.modules():
        if hasattr(layer, "reset_parameters"):
            layer.reset_parameters()


if __name__ == "__main__":
    net = nn.DataParallel(nn.Sequential(nn.Linear(3, 4), nn.ReLU(), nn.Linear(4, 2)))
    reset(net)
    print(list(unwrap(net).state_dict()))
    print(unwrap(net)(torch.zeros(1, 3)).shape)
