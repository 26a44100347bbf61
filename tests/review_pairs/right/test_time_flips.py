import torch
from torch import nn
from torch.utils.data import DataLoader
from torchvision import datasets, transforms


@torch.inference_mode()
def predict(model, images):
    model.eval()
    views = (images, images.flip(3), images.flip(2))
    return torch.stack([model(view).softmax(1) for view in views]).mean(0)


def main():
    torch.manual_seed(0)
    val_tf = transforms.Compose([transforms.Resize(32), transforms.CenterCrop(28), transforms.ToTensor()])
    val_set = datasets.ImageFolder("data/val", val_tf)
    net = nn.Sequential(nn.Flatten(), nn.Linear(3 * 28 * 28, len(val_set.classes)))
    for images, labels in DataLoader(val_set, batch_size=8):
        print((predict(net, images).argmax(1) == labels).float().mean().item())


if __name__ == "__main__":
    main()
