"""Accuracy of a network."""
import torch


def accuracy(network, loader, device):
    right = seen = 0
    network.eval()
    with torch.no_grad():
        for images, labels in loader:
            logits = network(images.to(device))
            right += (logits.argmax(1).cpu() == labels).sum().item()
            seen += len(labels)
    return right / seen
