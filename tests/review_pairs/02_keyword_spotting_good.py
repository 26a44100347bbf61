import argparse
import os

import torch
import torchaudio
from torch import nn
from torch.utils.data import DataLoader

p = argparse.ArgumentParser()
p.add_argument("--data", default="./speech")
p.add_argument("--epochs", type=int, default=20)
p.add_argument("--batch-size", type=int, default=128)
args = p.parse_args()

melspec = torchaudio.transforms.MelSpectrogram(sample_rate=16000, n_mels=64)
LABELS = ["down", "go", "left", "no", "off", "on", "right", "stop", "up", "yes"]


class Keywords(torchaudio.datasets.SPEECHCOMMANDS):
    def __init__(self, root, subset):
        super().__init__(root, download=False, subset=subset)
        self._walker = [w for w in self._walker if os.path.basename(os.path.dirname(w)) in LABELS]

    def __getitem__(self, i):
        wave, rate, label, *_ = super().__getitem__(i)
        wave = nn.functional.pad(wave, (0, 16000 - wave.shape[-1]))
        return torch.log(melspec(wave) + 1e-6), LABELS.index(label)


device = "cuda" if torch.cuda.is_available() else "cpu"
loader = DataLoader(
    Keywords(args.data, "training"),
    batch_size=args.batch_size,
    shuffle=True,
    num_workers=min(4, len(os.sched_getaffinity(0))),
    pin_memory=device == "cuda",
)

net = nn.Sequential(
    nn.Conv2d(1, 32, 3, padding=1), nn.BatchNorm2d(32), nn.ReLU(), nn.MaxPool2d(2),
    nn.Conv2d(32, 64, 3, padding=1), nn.BatchNorm2d(64), nn.ReLU(), nn.MaxPool2d(2),
    nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(64, len(LABELS)),
).to(device)
opt = torch.optim.Adam(net.parameters(), lr=1e-3)
loss_fn = nn.CrossEntropyLoss()

for epoch in range(args.epochs):
    running = 0.0
    for spec, target in loader:
        spec = spec.to(device, non_blocking=True)
        target = target.to(device, non_blocking=True)
        opt.zero_grad()
        loss = loss_fn(net(spec), target)
        loss.backward()
        opt.step()
        running += loss.item()
    print(epoch, running / len(loader))
torch.save(net.state_dict(), "kws.pt")
