import copy

import torch
from torch import nn, optim
from torch.utils.data import DataLoader, TensorDataset


def train_model(model, loaders, criterion, optimizer, scheduler, epochs):
    best_weights, best_accuracy = copy.deepcopy(model.state_dict()), 0.0
    for epoch in range(epochs):
        for phase in ["train", "val"]:
            if phase == "train":
                model.train()
            else:
                model.eval()
            right = 0
            for inputs, labels in loaders[phase]:
                optimizer.zero_grad()
                with torch.set_grad_enabled(phase == "train"):
                    outputs = model(inputs)
                    loss = criterion(outputs, labels)
                    if phase == "train":
                        loss.backward()
                        optimizer.step()
                right += torch.sum(outputs.argmax(1) == labels).item()
            if phase == "train":
                scheduler.step()
            accuracy = right / len(loaders[phase].dataset)
            if phase == "val" and accuracy > best_accuracy:
                best_accuracy = accuracy
                best_weights = copy.deepcopy(model.state_dict())
    model.load_state_dict(best_weights)
    return best_accuracy


if __name__ == "__main__":
    torch.manual_seed(0)
    part = lambda n: TensorDataset(torch.randn(n, 4), torch.randint(0, 2, (n,)))
    model = nn.Sequential(nn.Linear(4, 8), nn.Dropout(0.2), nn.ReLU(), nn.Linear(8, 2))
    sgd = optim.SGD(model.parameters(), lr=0.01, momentum=0.9)
    print(train_model(
        model, {"train": DataLoader(part(40), 10, shuffle=True), "val": DataLoader(part(20), 10)},
        nn.CrossEntropyLoss(), sgd, optim.lr_scheduler.StepLR(sgd, step_size=7, gamma=0.1), 3))
