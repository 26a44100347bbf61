import torch
import torch.nn as nn
import torch.nn.functional as F


class SentenceCNN(nn.Module):
    def __init__(self, vocab, classes, dim=128):
        super().__init__()
        self.emb = nn.Embedding(vocab, dim, padding_idx=0)
        self.convs = nn.ModuleList(nn.Conv1d(dim, 100, k) for k in (3, 4, 5))
        self.drop = nn.Dropout(0.5)
        self.out = nn.Linear(300, classes)

    def forward(self, ids):
        e = self.emb(ids).transpose(1, 2)
        h = torch.cat([F.relu(c(e)).amax(dim=2) for c in self.convs], dim=1)
        return F.log_softmax(self.out(self.drop(h)), dim=1)


def fit(model, loader, epochs, device):
    model.to(device)
    criterion = nn.NLLLoss()
    optimizer = torch.optim.Adadelta(model.parameters())
    for epoch in range(epochs):
        model.train()
        total = 0.0
        for ids, y in loader:
            optimizer.zero_grad()
            loss = criterion(model(ids.to(device)), y.to(device))
            loss.backward()
            nn.utils.clip_grad_norm_(model.parameters(), 3.0)
            optimizer.step()
            total += loss.item()
        print(epoch, total / len(loader))


@torch.no_grad()
def predict(model, ids):
    model.eval()
    return model(ids).exp()
