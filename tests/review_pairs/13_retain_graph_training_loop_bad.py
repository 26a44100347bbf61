"""Character model; the state runs from chunk to chunk."""
import torch
from torch import nn


class CharModel(nn.Module):
    def __init__(self, vocab=12, width=16):
        super().__init__()
        self.embed = nn.Embedding(vocab, width)
        self.gru = nn.GRU(width, width, batch_first=True)
        self.out = nn.Linear(width, vocab)

    def forward(self, tokens, state=None):
        h, state = self.gru(self.embed(tokens), state)
        return self.out(h), state


def train(model, text, chunk=8):
    optimizer = torch.optim.SGD(model.parameters(), lr=1e-3)
    criterion = nn.CrossEntropyLoss()
    state = None
    model.train()
    for start in range(0, text.shape[1] - chunk - 1, chunk):
        inputs = text[:, start:start + chunk]
        targets = text[:, start + 1:start + chunk + 1]
        logits, state = model(inputs, state)
        loss = criterion(logits.flatten(0, 1), targets.flatten())
        optimizer.zero_grad()
        loss.backward(retain_graph=True)  # FAULT note 13
        optimizer.step()
    return loss.item()


if __name__ == "__main__":
    torch.manual_seed(0)
    print(train(CharModel(), torch.randint(0, 12, (4, 60))))
