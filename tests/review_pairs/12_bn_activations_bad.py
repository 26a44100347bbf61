import torch
import torch.nn as nn
from torch.utils.data import DataLoader, TensorDataset


class SmallCNN(nn.Module):
    def __init__(self, num_classes=8):
        super().__init__()
        self.conv1 = nn.Conv2d(3, 32, 3, padding=1, bias=False)
        self.bn1 = nn.BatchNorm2d(32)
        self.relu1 = nn.ReLU(inplace=True)
        self.conv2 = nn.Conv2d(32, 64, 3, stride=2, padding=1, bias=False)
        self.bn2 = nn.BatchNorm2d(64)
        self.relu2 = nn.ReLU(inplace=True)
        self.fc = nn.Linear(64, num_classes)

    def forward(self, x):
        x = self.relu1(self.bn1(self.conv1(x)))
        x = self.relu2(self.bn2(self.conv2(x)))
        return self.fc(x.mean(dim=(2, 3)))


activation = {}


def get_activation(name):
    def hook(module, inputs, output):
        activation[name] = output.detach()  # FAULT note 12
    return hook


model = SmallCNN()
model.load_state_dict(torch.load("small_cnn.pt", map_location="cpu", weights_only=True))
model.eval()

handle = model.bn2.register_forward_hook(get_activation("bn2"))

images = torch.load("probe_images.pt", weights_only=True)
loader = DataLoader(TensorDataset(images), batch_size=100)

share, mean, count = 0.0, torch.zeros(64), 0
with torch.no_grad():
    for (x,) in loader:
        model(x)
        pre = activation["bn2"]
        share += (pre < 0).float().mean().item() * len(x)
        mean += pre.mean(dim=(2, 3)).sum(dim=0)
        count += len(x)
handle.remove()

print(f"share of pre-activations below zero: {share / count:.3f}")
torch.save(mean / count, "bn2_mean.pt")
