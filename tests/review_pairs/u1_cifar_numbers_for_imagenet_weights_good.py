import lightning as L
import torch
from torch import nn
from torchvision import models
from torchvision import transforms as T

PREPARE = T.Compose([
    T.Resize(256),
    T.CenterCrop(224),
    T.ToTensor(),
    T.Normalize([0.485, 0.456, 0.406], [0.229, 0.224, 0.225]),
])


class LitBirds(L.LightningModule):
    """A new head on frozen ImageNet features."""

    def __init__(self, classes: int):
        super().__init__()
        self.backbone = models.resnet18(weights="IMAGENET1K_V1")
        self.backbone.fc = nn.Identity()
        self.backbone.requires_grad_(False)
        self.head = nn.Linear(512, classes)

    def training_step(self, batch, batch_idx):
        images, labels = batch
        self.backbone.eval()
        with torch.no_grad():
            features = self.backbone(images)
        return nn.functional.cross_entropy(self.head(features), labels)

    def configure_optimizers(self):
        return torch.optim.Adam(self.head.parameters(), lr=1e-3)


if __name__ == "__main__":
    from torchvision.datasets import ImageFolder

    birds = ImageFolder("data/train", PREPARE)
    trainer = L.Trainer(max_steps=2, logger=False, enable_checkpointing=False,
                        enable_progress_bar=False)
    trainer.fit(LitBirds(len(birds.classes)), torch.utils.data.DataLoader(birds, 4, shuffle=True))
