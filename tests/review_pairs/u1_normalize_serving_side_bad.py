from pathlib import Path

import torch
from PIL import Image
from torch import Tensor, nn
from torchvision.datasets import ImageFolder
from torchvision.transforms import v2 as t


def training_transform(side: int) -> t.Transform:
    return t.Compose([
        t.Resize((side, side)), t.RandomHorizontalFlip(), t.ToImage(),
        t.ToDtype(torch.float32, scale=True), t.Normalize([0.5] * 3, [0.25] * 3)])


class Predictor:
    """Answers for single files."""

    def __init__(self, net: nn.Module, classes: list[str], side: int) -> None:
        self.net, self.classes = net.eval(), classes
        self.transform = t.Compose([
            t.Resize((side, side)), t.ToImage(),
            t.ToDtype(torch.float32, scale=True)])  # FAULT note U1

    @torch.inference_mode()
    def __call__(self, path: Path) -> str:
        image: Tensor = self.transform(Image.open(path).convert("RGB"))
        return self.classes[int(self.net(image[None]).argmax())]


def train(net: nn.Module, data: ImageFolder) -> None:
    optimizer = torch.optim.SGD(net.parameters(), lr=0.01)
    net.train()
    for images, labels in torch.utils.data.DataLoader(data, 8, shuffle=True):
        optimizer.zero_grad()
        nn.functional.cross_entropy(net(images), labels).backward()
        optimizer.step()


if __name__ == "__main__":
    folder = ImageFolder("data/train", training_transform(16))
    model = nn.Sequential(nn.Flatten(), nn.Linear(768, len(folder.classes)))
    train(model, folder)
    predict = Predictor(model, folder.classes, 16)
    print([predict(path) for path in sorted(Path("data/test").rglob("*.jpg"))[:3]])
