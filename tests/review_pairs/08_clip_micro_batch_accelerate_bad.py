import torch
from accelerate import Accelerator
from torch import nn
from torch.utils.data import DataLoader, TensorDataset


def main(accumulation: int = 4, max_norm: float = 1.0) -> None:
    accelerator = Accelerator(gradient_accumulation_steps=accumulation)
    x = torch.randn(64, 8)
    loader = DataLoader(TensorDataset(x, x[:, :2].argmax(1)), batch_size=4, shuffle=True)
    model = nn.Linear(8, 2)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    model, optimizer, loader = accelerator.prepare(model, optimizer, loader)
    model.train()
    for inputs, targets in loader:
        with accelerator.accumulate(model):
            loss = nn.functional.cross_entropy(model(inputs), targets)
            accelerator.backward(loss)
            nn.utils.clip_grad_norm_(model.parameters(), max_norm)  # FAULT note 8
            optimizer.step()
            optimizer.zero_grad()
    accelerator.print(loss.item())


if __name__ == "__main__":
    main()
