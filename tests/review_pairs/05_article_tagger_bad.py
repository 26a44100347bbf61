from __future__ import annotations

import torch
from torch import nn, optim


class TagHead(nn.Module):
    def __init__(self, dim: int, n_tags: int) -> None:
        super().__init__()
        self.norm = nn.LayerNorm(dim)
        self.out = nn.Linear(dim, n_tags)

    def forward(self, h: torch.Tensor) -> torch.Tensor:
        return torch.sigmoid(self.out(self.norm(h)))  # FAULT note 05


class ArticleTagger(nn.Module):
    def __init__(self, vocab: int, n_tags: int, dim: int = 256) -> None:
        super().__init__()
        self.embed = nn.EmbeddingBag(vocab, dim, mode="mean")
        self.mlp = nn.Sequential(nn.Linear(dim, dim), nn.ReLU(), nn.Dropout(0.2))
        self.head = TagHead(dim, n_tags)

    def forward(self, tokens, offsets):
        return self.head(self.mlp(self.embed(tokens, offsets)))

    @torch.no_grad()
    def tags(self, tokens, offsets, threshold=0.5):
        self.eval()
        return self(tokens, offsets) > threshold


class Trainer:
    def __init__(self, model, pos_weight, lr=1e-3, device="cuda"):
        self.device = device
        self.model = model.to(device)
        self.loss = nn.BCEWithLogitsLoss(pos_weight=pos_weight.to(device))
        self.optim = optim.AdamW(model.parameters(), lr=lr)

    def step(self, batch):
        tokens, offsets, tags = (t.to(self.device) for t in batch)
        self.optim.zero_grad()
        scores = self.model(tokens, offsets)
        loss = self.loss(scores, tags.float())
        loss.backward()
        self.optim.step()
        return loss.item()

    def fit(self, loader, epochs):
        for epoch in range(epochs):
            self.model.train()
            mean = sum(self.step(b) for b in loader) / len(loader)
            print(f"epoch {epoch}: {mean:.4f}")
