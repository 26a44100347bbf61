import torch
from PIL import Image
from torch import nn
from torchvision import models, transforms, datasets

MEAN, STD = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)


def get_data(root):
    tf = transforms.Compose([
        transforms.Resize(256), transforms.RandomCrop(224), transforms.RandomHorizontalFlip(),
        transforms.ToTensor(), transforms.Normalize(MEAN, STD)])
    ds = datasets.ImageFolder(root, tf)
    return torch.utils.data.DataLoader(ds, 32, shuffle=True), ds.classes


def get_model(n):
    m = models.resnet18(weights=models.ResNet18_Weights.IMAGENET1K_V1)
    m.fc = nn.Linear(512, n)
    return m


def train(root, epochs=10):
    dl, classes = get_data(root)
    m = get_model(len(classes))
    opt = torch.optim.SGD(m.parameters(), lr=1e-3, momentum=0.9)
    for _ in range(epochs):
        m.train()
        for x, y in dl:
            opt.zero_grad()
            nn.functional.cross_entropy(m(x), y).backward()
            opt.step()
    torch.save({"state": m.state_dict(), "classes": classes}, "cats.pth")


def predict(path):
    ck = torch.load("cats.pth", map_location="cpu")
    m = get_model(len(ck["classes"]))
    m.load_state_dict(ck["state"])
    m.eval()
    tf = transforms.Compose([transforms.Resize(256), transforms.CenterCrop(224), transforms.ToTensor(),
                             transforms.Normalize(MEAN, STD)])
    x = tf(Image.open(path).convert("RGB")).unsqueeze(0)
    with torch.no_grad():
        p = m(x).softmax(1)[0]
    return ck["classes"][int(p.argmax())], float(p.max())
