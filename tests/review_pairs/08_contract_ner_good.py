import torch
from torch import nn
from torch.nn.utils import clip_grad_norm_
from transformers import AutoModelForTokenClassification, get_linear_schedule_with_warmup


class NERTrainer:
    """Token classification on long contracts with gradient accumulation."""

    def __init__(self, name, num_labels, loader, epochs=3, accum=8, max_norm=1.0, lr=3e-5):
        self.device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
        self.model = AutoModelForTokenClassification.from_pretrained(name, num_labels=num_labels)
        self.model.to(self.device)
        self.loader = loader
        self.epochs = epochs
        self.accum = accum
        self.max_norm = max_norm
        self.optimizer = torch.optim.AdamW(self.model.parameters(), lr=lr)
        updates = epochs * (len(loader) // accum)
        self.scheduler = get_linear_schedule_with_warmup(self.optimizer, updates // 10, updates)

    def micro_step(self, batch):
        batch = {k: v.to(self.device) for k, v in batch.items()}
        loss = self.model(**batch).loss / self.accum
        loss.backward()
        return loss.item()

    def update(self):
        clip_grad_norm_(self.model.parameters(), self.max_norm)
        self.optimizer.step()
        self.scheduler.step()
        self.optimizer.zero_grad()

    def fit(self):
        self.model.train()
        for epoch in range(self.epochs):
            self.optimizer.zero_grad()
            running = 0.0
            for i, batch in enumerate(self.loader, start=1):
                running += self.micro_step(batch)
                if i % self.accum == 0:
                    self.update()
                    print(f"epoch {epoch} micro {i} loss {running:.4f}")
                    running = 0.0
        self.model.save_pretrained("contract-ner")
