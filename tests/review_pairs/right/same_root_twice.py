import torch
from torch import nn
from torch.utils.data import DataLoader, Subset
from torchvision import datasets, transforms as T
from torchvision.models import ShuffleNet_V2_X1_0_Weights, shufflenet_v2_x1_0

ROOT = "beans/all"
weights = ShuffleNet_V2_X1_0_Weights.IMAGENET1K_V1
eval_tf = weights.transforms()
train_tf = T.Compose([
    T.RandomResizedCrop(224, scale=(0.5, 1.0)), T.RandomHorizontalFlip(), T.ToTensor(),
    T.Normalize(eval_tf.mean, eval_tf.std)])

# the same folder twice, once with and once without augmentation
augmented = datasets.ImageFolder(ROOT, transform=train_tf)
plain = datasets.ImageFolder(ROOT, transform=eval_tf)

order = torch.randperm(len(plain), generator=torch.Generator().manual_seed(3)).tolist()
cut = int(0.8 * len(order))
train_loader = DataLoader(Subset(augmented, order[:cut]), 32, shuffle=True, num_workers=2)
val_loader = DataLoader(Subset(plain, order[cut:]), 64, num_workers=2)

net = shufflenet_v2_x1_0(weights=weights)
net.fc = nn.Linear(net.fc.in_features, len(plain.classes))
opt = torch.optim.Adam(net.parameters(), lr=3e-4)
ce = nn.CrossEntropyLoss()

for epoch in range(12):
    net.train()
    for x, y in train_loader:
        opt.zero_grad()
        loss = ce(net(x), y)
        loss.backward()
        opt.step()
    net.eval()
    hits = 0
    with torch.no_grad():
        for x, y in val_loader:
            hits += (net(x).argmax(1) == y).sum().item()
    print(epoch, hits / (len(order) - cut))

torch.save({"net": net.state_dict(), "classes": plain.classes}, "beans.pt")
