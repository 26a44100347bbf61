import torch
from torch.utils.data import DataLoader, TensorDataset


def make_loader(dataset, batch_size, training):
    return DataLoader(dataset, batch_size=batch_size, shuffle=training, drop_last=training)


def main():
    data = TensorDataset(torch.arange(50))
    train_loader = make_loader(data, 16, training=True)
    val_loader = make_loader(data, 16, training=False)
    print(sum(len(b) for (b,) in train_loader), sum(len(b) for (b,) in val_loader))


if __name__ == "__main__":
    main()
