import argparse
import torch
from torch import nn
from torch.utils.data import DataLoader, Dataset

parser = argparse.ArgumentParser(description="character language model")
parser.add_argument("--text", required=True)
parser.add_argument("--clip", type=float, default=0.25)
parser.add_argument("--lr", type=float, default=2e-3)
parser.add_argument("--epochs", type=int, default=10)
parser.add_argument("--bptt", type=int, default=100)


class Chars(Dataset):
    def __init__(self, path, bptt):
        with open(path, encoding="utf-8") as f:
            text = f.read()
        self.chars = sorted(set(text))
        table = {c: i for i, c in enumerate(self.chars)}
        self.ids = torch.tensor([table[c] for c in text])
        self.bptt = bptt

    def __len__(self):
        return (len(self.ids) - 1) // self.bptt

    def __getitem__(self, i):
        s = i * self.bptt
        return self.ids[s:s + self.bptt], self.ids[s + 1:s + 1 + self.bptt]


class CharRNN(nn.Module):
    def __init__(self, n, d=256):
        super().__init__()
        self.emb = nn.Embedding(n, d)
        self.rnn = nn.GRU(d, d, 2, batch_first=True, dropout=0.1)
        self.dec = nn.Linear(d, n)

    def forward(self, x):
        return self.dec(self.rnn(self.emb(x))[0])


def main():
    args = parser.parse_args()
    ds = Chars(args.text, args.bptt)
    loader = DataLoader(ds, batch_size=64, shuffle=True)
    model = CharRNN(len(ds.chars))
    opt = torch.optim.Adam(model.parameters(), lr=args.lr)
    ce = nn.CrossEntropyLoss()
    for epoch in range(args.epochs):
        model.train()
        for x, y in loader:
            opt.zero_grad()
            logits = model(x)
            loss = ce(logits.reshape(-1, logits.size(-1)), y.reshape(-1))
            loss.backward()
            torch.nn.utils.clip_grad_norm_(model.parameters(), args.clip)
            opt.step()
        print(epoch, loss.item())


if __name__ == "__main__":
    main()
