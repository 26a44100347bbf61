import torch
from torch import nn
from torch.utils.data import DataLoader, Subset, random_split
from torchvision import datasets, transforms, models

norm = transforms.Normalize([0.485, 0.456, 0.406], [0.229, 0.224, 0.225])
aug = transforms.Compose([transforms.RandomResizedCrop(224), transforms.RandomRotation(15),
                          transforms.ColorJitter(0.2, 0.2, 0.2), transforms.ToTensor(), norm])
plain = transforms.Compose([transforms.Resize(256), transforms.CenterCrop(224), transforms.ToTensor(), norm])

full = datasets.ImageFolder("data/mushrooms", transform=aug)
n_val = int(0.2 * len(full))
train_ds, val_ds = random_split(full, [len(full) - n_val, n_val], generator=torch.Generator().manual_seed(0))
val_dl = DataLoader(Subset(datasets.ImageFolder("data/mushrooms", transform=plain), val_ds.indices), batch_size=64,
                    num_workers=4)
train_dl = DataLoader(train_ds, batch_size=32, shuffle=True, num_workers=4)

model = models.resnet18(weights="DEFAULT")
model.fc = nn.Linear(512, len(full.classes))
model = model.cuda()
opt = torch.optim.AdamW(model.parameters(), 1e-4)

for epoch in range(10):
    model.train()
    for x, y in train_dl:
        opt.zero_grad()
        nn.functional.cross_entropy(model(x.cuda()), y.cuda()).backward()
        opt.step()
    model.eval()
    hit = 0
    with torch.no_grad():
        for x, y in val_dl:
            hit += (model(x.cuda()).argmax(1).cpu() == y).sum().item()
    print(epoch, hit / n_val)
