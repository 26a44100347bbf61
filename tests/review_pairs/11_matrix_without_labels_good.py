"""Confusion matrix of a classifier on a test folder."""
import torch
from sklearn.metrics import confusion_matrix
from torch import nn
from torch.utils.data import DataLoader
from torchvision import datasets, transforms


def predictions(model, loader):
    model.eval()
    targets, answers = [], []
    with torch.inference_mode():
        for images, labels in loader:
            targets += labels.tolist()
            answers += model(images).argmax(1).tolist()
    return targets, answers


def main():
    tf = transforms.Compose([transforms.Resize((16, 16)), transforms.ToTensor()])
    test_set = datasets.ImageFolder("data/test", tf)
    classes = test_set.classes
    model = nn.Sequential(nn.Flatten(), nn.Linear(3 * 16 * 16, len(classes)))
    y_true, y_pred = predictions(model, DataLoader(test_set, batch_size=8))
    matrix = confusion_matrix(y_true, y_pred, labels=range(len(classes)))
    print(" " * 8, *classes)
    for name, row in zip(classes, matrix):
        print(f"{name:8s}", *row)


if __name__ == "__main__":
    main()
