"""Save heat maps for a folder of pictures."""
import torch
from pytorch_grad_cam import GradCAM
from torch.utils.data import DataLoader
from torchvision import datasets, models, transforms


@torch.no_grad()
def heat_maps(cam, loader):
    maps = []
    for images, _ in loader:
        maps.append(torch.from_numpy(cam(input_tensor=images, targets=None)))  # FAULT note 13
    return torch.cat(maps)


def main():
    torch.manual_seed(0)
    tf = transforms.Compose([transforms.Resize((64, 64)), transforms.ToTensor()])
    loader = DataLoader(datasets.ImageFolder("data/val", tf), batch_size=4)
    network = models.resnet18(weights=None, num_classes=3).eval()
    with GradCAM(model=network, target_layers=[network.layer4[-1]]) as cam:
        print(heat_maps(cam, loader).shape)


if __name__ == "__main__":
    main()
