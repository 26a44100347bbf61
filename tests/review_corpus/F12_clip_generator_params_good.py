import torch
from torch import nn
from torch.nn.utils import clip_grad_norm_
from torchvision.models import vit_b_16, ViT_B_16_Weights


class FineTuner:
    def __init__(self, num_classes, lr, clip=1.0, device="cuda"):
        self.device = device
        self.clip = clip
        model = vit_b_16(weights=ViT_B_16_Weights.IMAGENET1K_V1)
        for p in model.conv_proj.parameters():
            p.requires_grad = False
        model.heads.head = nn.Linear(model.heads.head.in_features, num_classes)
        self.model = model.to(device)
        self.params = [p for p in self.model.parameters() if p.requires_grad]
        self.optimizer = torch.optim.AdamW(self.params, lr=lr, weight_decay=1e-2)
        self.criterion = nn.CrossEntropyLoss()

    def step(self, x, y):
        self.optimizer.zero_grad()
        loss = self.criterion(self.model(x), y)
        loss.backward()
        clip_grad_norm_(self.params, self.clip)
        self.optimizer.step()
        return loss.item()

    def epoch(self, loader):
        self.model.train()
        s, n = 0.0, 0
        for x, y in loader:
            x, y = x.to(self.device), y.to(self.device)
            s += self.step(x, y) * len(y)
            n += len(y)
        return s / n
