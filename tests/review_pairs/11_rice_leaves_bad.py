import matplotlib.pyplot as plt
import seaborn as sns
import torch
from sklearn.metrics import classification_report, confusion_matrix
from torch.utils.data import DataLoader
from torchvision import datasets, models
from torchvision.models import EfficientNet_B0_Weights

ckpt = torch.load("rice_effnet.pt", map_location="cpu", weights_only=True)
weights = EfficientNet_B0_Weights.IMAGENET1K_V1

test_set = datasets.ImageFolder("rice/test", transform=weights.transforms())
assert test_set.class_to_idx == ckpt["class_to_idx"]
test_loader = DataLoader(test_set, batch_size=64, shuffle=False, num_workers=2)
class_names = test_set.classes

model = models.efficientnet_b0(num_classes=len(class_names))
model.load_state_dict(ckpt["model"])
model.eval()

y_true, y_pred = [], []
with torch.inference_mode():
    for x, y in test_loader:
        y_true.extend(y.tolist())
        y_pred.extend(model(x).argmax(dim=1).tolist())

cm = confusion_matrix(y_true, y_pred)  # FAULT note 11
plt.figure(figsize=(9, 8))
sns.heatmap(cm, annot=True, fmt="d", cmap="Blues",
            xticklabels=class_names, yticklabels=class_names)
plt.xlabel("predicted")
plt.ylabel("true")
plt.tight_layout()
plt.savefig("rice_confusion.png", dpi=150)

print(classification_report(y_true, y_pred, labels=range(len(class_names)),
                            target_names=class_names, zero_division=0))
