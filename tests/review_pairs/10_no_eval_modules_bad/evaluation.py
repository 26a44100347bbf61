"""Accuracy of a network."""
import torch


def accuracy(network, loader, device):
    right = seen = 0
    with torch.no_grad():  # FAULT note 10
        for images, labels in loader:
            logits = network(images.to(device))
            right += (logits.argmax(1).cpu() == labels).sum().item()
            seen += len(labels)
    return right / seen
