import torch
import torch.nn as nn


class LSTMForecaster(nn.Module):
    def __init__(self, n_features, hidden=128, layers=2):
        super().__init__()
        self.rnn = nn.LSTM(n_features, hidden, layers, batch_first=True)
        self.out = nn.Linear(hidden, 1)

    def forward(self, x):
        h, _ = self.rnn(x)
        return self.out(h[:, -1]).squeeze(-1)


def main(train_loader, n_features, epochs=50):
    device = torch.device("cuda:0")
    model = LSTMForecaster(n_features).to(device)
    optimizer = torch.optim.Adam(model.parameters(), lr=5e-4)
    criterion = nn.MSELoss()
    skipped = 0

    for epoch in range(epochs):
        model.train()
        running = 0.0
        for step, (x, y) in enumerate(train_loader):
            x, y = x.to(device), y.to(device)
            optimizer.zero_grad()
            loss = criterion(model(x), y)

            # do not update on broken gradients
            bad = any(p.grad is not None and not torch.isfinite(p.grad).all()  # FAULT note 07
                      for p in model.parameters())
            loss.backward()
            if bad:
                print(f"epoch {epoch} step {step}: non-finite gradient, skipped")
                skipped += 1
                continue
            optimizer.step()
            running += loss.item()
        print(f"epoch {epoch}: mse {running / len(train_loader):.5f} ({skipped} skipped)")
    torch.save(model.state_dict(), "forecaster.pt")
    return model
