import copy
import math

import torch
from torch import nn


def fit(model, x, y, epochs=10):
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    best, kept = math.inf, None
    initial = copy.deepcopy(model.state_dict())
    for _ in range(epochs):
        model.train()
        optimizer.zero_grad()
        nn.functional.mse_loss(model(x), y).backward()
        optimizer.step()
        model.eval()
        with torch.no_grad():
            loss = nn.functional.mse_loss(model(x), y).item()
        if loss < best:
            best = loss
            best_state = model.state_dict()
            torch.save(best_state, "best.pt")
            kept = {k: v.detach().cpu().clone() for k, v in model.state_dict().items()}
    model.load_state_dict(kept)
    return best, initial.keys() == kept.keys()


if __name__ == "__main__":
    torch.manual_seed(0)
    student, teacher = nn.Linear(3, 1), nn.Linear(3, 1)
    teacher.load_state_dict(student.state_dict())
    print(fit(student, torch.randn(20, 3), torch.randn(20, 1)))
