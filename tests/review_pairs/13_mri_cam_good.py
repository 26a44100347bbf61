import torch
import torch.nn.functional as F
from pytorch_grad_cam import GradCAM
from pytorch_grad_cam.utils.model_targets import ClassifierOutputTarget
from torch import nn
from torchvision.models import resnet18


def load_model(path, device):
    net = resnet18(num_classes=4)
    net.conv1 = nn.Conv2d(1, 64, 7, stride=2, padding=3, bias=False)
    net.load_state_dict(torch.load(path, map_location=device, weights_only=True))
    return net.to(device).eval()


def cam_batch(cam, slices, classes):
    targets = [ClassifierOutputTarget(int(c)) for c in classes]
    return torch.from_numpy(cam(input_tensor=slices, targets=targets))


class TumourReport:
    def __init__(self, weights, device="cuda"):
        self.device = device
        self.model = load_model(weights, device)
        self.cam = GradCAM(model=self.model, target_layers=[self.model.layer4[-1]])

    def probabilities(self, slices):
        with torch.no_grad():
            return F.softmax(self.model(slices), dim=1)

    def explain(self, slices):
        slices = slices.to(self.device)
        probs = self.probabilities(slices)
        conf, classes = probs.max(dim=1)
        maps = cam_batch(self.cam, slices, classes)
        return {"class": classes.cpu(), "confidence": conf.cpu(), "maps": maps}


def run(loader, out="mri_report.pt"):
    report = TumourReport("tumour_r18.pt")
    rows = []
    for slices, ids in loader:
        row = report.explain(slices)
        row["id"] = list(ids)
        rows.append(row)
    torch.save(rows, out)
    return rows
