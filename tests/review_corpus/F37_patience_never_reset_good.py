import numpy as np
import torch


class EarlyStopping:
    """Stop when validation loss has not improved for `patience` epochs."""

    def __init__(self, patience=7, delta=0.0, path="checkpoint.pt"):
        self.patience = patience
        self.delta = delta
        self.path = path
        self.counter = 0
        self.best_loss = np.inf
        self.stop = False

    def __call__(self, val_loss, model):
        if val_loss < self.best_loss - self.delta:
            self.best_loss = val_loss
            self.counter = 0
            torch.save(model.state_dict(), self.path)
        else:
            self.counter += 1
            print(f"EarlyStopping counter: {self.counter} out of {self.patience}")
            if self.counter >= self.patience:
                self.stop = True
        return self.stop


def fit(model, train_fn, valid_fn, epochs=100):
    stopper = EarlyStopping(patience=5)
    for e in range(epochs):
        tl = train_fn(model)
        vl = valid_fn(model)
        print(f"{e}: train {tl:.4f} valid {vl:.4f}")
        if stopper(vl, model):
            break
    model.load_state_dict(torch.load(stopper.path))
    return model
