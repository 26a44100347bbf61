import torch
from torch import nn
from torch.utils.data import DataLoader, TensorDataset


class Model(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc = nn.Linear(6, 3)
        self.softmax = nn.Softmax(dim=1)

    def forward(self, x):
        return self.fc(x)

    @torch.inference_mode()
    def predict_proba(self, x):
        self.eval()
        return self.softmax(self(x))


def train(model, loader):
    criterion = nn.CrossEntropyLoss()
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    for x, y in loader:
        model.train()
        optimizer.zero_grad()
        out = model(x)
        loss = criterion(out, y)
        loss.backward()
        optimizer.step()
        confidence = torch.softmax(out.detach(), dim=1).amax(1).mean()
        print(f"{loss.item():.3f} {confidence:.2f}")


if __name__ == "__main__":
    torch.manual_seed(0)
    x = torch.randn(40, 6)
    net = Model()
    train(net, DataLoader(TensorDataset(x, x[:, :3].argmax(1)), batch_size=10, shuffle=True))
    print(net.predict_proba(x[:2]))
