import torch
from torch.utils.data import DataLoader
from torchvision import datasets, transforms as T
from torchvision.models import resnet50

MEAN, STD = [0.485, 0.456, 0.406], [0.229, 0.224, 0.225]


def views():
    """Fixed views of each test picture; nothing in here is random."""
    base = [T.ToTensor(), T.Normalize(MEAN, STD)]
    yield T.Compose([T.Resize(256), T.CenterCrop(224), *base])
    yield T.Compose([T.Resize(256), T.CenterCrop(224), T.RandomHorizontalFlip(p=1.0), *base])
    yield T.Compose([T.Resize(288), T.CenterCrop(224), *base])


@torch.inference_mode()
def probabilities(model, root, transform, device):
    data = datasets.ImageFolder(root, transform=transform)
    model.eval()
    out = [model(x.to(device)).softmax(1).cpu() for x, _ in DataLoader(data, 64, num_workers=2)]
    return torch.cat(out), torch.tensor(data.targets), data.classes


def main(root="moths/test", ckpt="moths.pt"):
    device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
    saved = torch.load(ckpt, map_location="cpu", weights_only=True)
    model = resnet50(num_classes=len(saved["classes"]))
    model.load_state_dict(saved["model"])
    model.to(device)

    total = 0
    for tf in views():
        probs, targets, classes = probabilities(model, root, tf, device)
        if classes != saved["classes"]:
            raise ValueError("classes of the test set and of the checkpoint differ")
        total = total + probs
        print("single view", (probs.argmax(1) == targets).float().mean().item())
    print("all views", (total.argmax(1) == targets).float().mean().item())


if __name__ == "__main__":
    main()
