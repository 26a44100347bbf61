import time
import torch
import torch.nn as nn
import torchvision
from torchvision import transforms as tt

device = torch.device("cuda")
train_ds = torchvision.datasets.ImageFolder(
    "imagenette2/train",
    tt.Compose([tt.RandomResizedCrop(160), tt.RandomHorizontalFlip(), tt.ToTensor(),
                tt.Normalize([0.485, 0.456, 0.406], [0.229, 0.224, 0.225])]))
train_dl = torch.utils.data.DataLoader(train_ds, 64, shuffle=True, num_workers=8, drop_last=True)

model = torchvision.models.resnet50(num_classes=10).to(device)
opt = torch.optim.SGD(model.parameters(), lr=0.1, momentum=0.9, weight_decay=1e-4)
crit = nn.CrossEntropyLoss().to(device)
scaler = torch.amp.GradScaler("cuda", init_scale=2.0 ** 14)
print_freq = 50

for epoch in range(20):
    model.train()
    t0 = time.time()
    for it, (x, y) in enumerate(train_dl):
        x, y = x.to(device), y.to(device)
        opt.zero_grad()
        with torch.autocast("cuda", dtype=torch.float16):
            loss = crit(model(x), y)
        scaler.scale(loss).backward()
        scaler.step(opt)
        scaler.update()
        if it % print_freq == 0:
            print(f"{epoch}/{it} loss={loss.item():.4f} scale={scaler.get_scale()}")
    torch.cuda.synchronize()
    print(f"epoch took {time.time() - t0:.1f}s")
