# %%
import os, glob
import torch
import torch.nn.functional as F
from PIL import Image
from torchvision import models, transforms

DATA = "/content/garbage"
# %%
CLASSES = sorted(next(os.walk(DATA))[1])
print(CLASSES)
# %%
tf = transforms.Compose([
    transforms.Resize((224, 224)),
    transforms.ToTensor(),
    transforms.Normalize(mean=[0.485, 0.456, 0.406], std=[0.229, 0.224, 0.225]),
])


def load_split(files):
    xs, ys = [], []
    for f in files:
        xs.append(tf(Image.open(f).convert("RGB")))
        ys.append(CLASSES.index(os.path.basename(os.path.dirname(f))))
    return torch.stack(xs), torch.tensor(ys)


# %%
files = sorted(glob.glob(DATA + "/*/*.jpg"))
g = torch.Generator().manual_seed(42)
perm = torch.randperm(len(files), generator=g).tolist()
cut = int(0.8 * len(files))
xtr, ytr = load_split([files[i] for i in perm[:cut]])
xva, yva = load_split([files[i] for i in perm[cut:]])
# %%
net = models.mobilenet_v3_small(weights="DEFAULT")
net.classifier[-1] = torch.nn.Linear(1024, len(CLASSES))
opt = torch.optim.AdamW(net.parameters(), lr=3e-4)
for ep in range(5):
    net.train()
    for idx in torch.randperm(len(xtr)).split(32):
        opt.zero_grad()
        F.cross_entropy(net(xtr[idx]), ytr[idx]).backward()
        opt.step()
# %%
torch.save(net.state_dict(), "garbage.pth")
