"""Predict the next token of short sequences."""
import lightning as L
import torch
from torch import Tensor, nn


class LitLanguage(L.LightningModule):
    def __init__(self, vocab: int = 20, width: int = 16) -> None:
        super().__init__()
        self.vocab = vocab
        self.embed = nn.Embedding(vocab, width)
        self.lstm = nn.LSTM(width, width, batch_first=True)
        self.out = nn.Linear(width, vocab)
        self.loss = nn.CrossEntropyLoss()

    def forward(self, tokens: Tensor) -> Tensor:
        states, _ = self.lstm(self.embed(tokens))
        return self.out(states)

    def training_step(self, batch: Tensor, batch_idx: int) -> Tensor:
        inputs, targets = batch[:, :-1], batch[:, 1:]
        predicted = self(inputs)
        predicted = predicted.view(-1, self.vocab)
        loss = self.loss(predicted, targets.flatten())
        return loss

    def configure_optimizers(self):
        return torch.optim.Adam(self.parameters(), lr=1e-3)


if __name__ == "__main__":
    model = LitLanguage()
    print(model.training_step(torch.randint(0, 20, (4, 9)), 0).item())
