import torch
import torch.nn as nn
from sklearn.metrics import accuracy_score, f1_score


def predict_batch(model, x):
    return model(x).softmax(1).argmax(1).cpu()


def evaluate(model, loader, device):
    model.eval()
    all_preds, all_true = [], []
    with torch.no_grad():
        for x, y in loader:
            preds = predict_batch(model, x.to(device))
            all_preds.extend(preds.tolist())
            all_true.extend(y.tolist())
    acc = accuracy_score(all_true, all_preds)
    f1 = f1_score(all_true, all_preds, average="macro")
    return {"acc": acc, "f1": f1}


def training_loop(model, train_loader, val_loader, device, n_epochs=15):
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-4)
    loss_function = nn.CrossEntropyLoss()
    history = []
    for epoch in range(1, n_epochs + 1):
        model.train()
        for x, y in train_loader:
            x, y = x.to(device), y.to(device)
            optimizer.zero_grad()
            loss_function(model(x), y).backward()
            optimizer.step()
        scores = evaluate(model, val_loader, device)
        history.append(scores)
        print(f"epoch {epoch}: acc={scores['acc']:.3f} f1={scores['f1']:.3f}")
    return history
