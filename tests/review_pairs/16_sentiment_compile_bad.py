import torch
import torch.nn as nn
from torch.utils.data import DataLoader

from reviews import ReviewSet, collate

torch.set_float32_matmul_precision("high")
device = torch.device("cuda")


class Encoder(nn.Module):
    def __init__(self, vocab=30000, d=256, heads=4, layers=4):
        super().__init__()
        self.emb = nn.Embedding(vocab, d, padding_idx=0)
        self.pos = nn.Parameter(torch.zeros(1, 256, d))
        layer = nn.TransformerEncoderLayer(d, heads, 4 * d, dropout=0.1, batch_first=True)
        self.enc = nn.TransformerEncoder(layer, layers)
        self.cls = nn.Linear(d, 2)

    def forward(self, ids):
        h = self.emb(ids) + self.pos[:, : ids.size(1)]
        return self.cls(self.enc(h)[:, 0])


model = Encoder().to(device)
optimizer = torch.optim.AdamW(model.parameters(), lr=2e-4)
criterion = nn.CrossEntropyLoss()
train_loader = DataLoader(ReviewSet("train", length=256), batch_size=64, shuffle=True,
                          collate_fn=collate, drop_last=True)
val_loader = DataLoader(ReviewSet("val", length=256), batch_size=64, collate_fn=collate)

for epoch in range(8):
    compiled = torch.compile(model)  # FAULT note 16
    model.train()
    for ids, y in train_loader:
        optimizer.zero_grad()
        loss = criterion(compiled(ids.to(device)), y.to(device))
        loss.backward()
        optimizer.step()

    model.eval()
    good = 0
    with torch.no_grad():
        for ids, y in val_loader:
            good += (compiled(ids.to(device)).argmax(1).cpu() == y).sum().item()
    print(f"epoch {epoch}: {good / len(val_loader.dataset):.4f}")

torch.save(model.state_dict(), "sentiment.pt")
