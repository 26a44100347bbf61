"""The network and its checkpoint."""
import torch
from torch import nn


def make_net(classes: int) -> nn.Module:
    return nn.Sequential(nn.Flatten(), nn.Linear(3 * 16 * 16, classes))


def save(net: nn.Module, class_to_idx: dict[str, int], path: str) -> None:
    torch.save({"state": net.state_dict(), "class_to_idx": class_to_idx}, path)


def load(path: str) -> tuple[nn.Module, dict[str, int]]:
    checkpoint = torch.load(path, weights_only=True)
    net = make_net(len(checkpoint["class_to_idx"]))
    net.load_state_dict(checkpoint["state"])
    return net.eval(), checkpoint["class_to_idx"]
