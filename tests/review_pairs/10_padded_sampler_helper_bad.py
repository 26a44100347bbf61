"""Distributed training, started with torchrun."""
import torch
import torch.distributed as dist
from torch import nn
from torch.nn.parallel import DistributedDataParallel
from torch.utils.data import DataLoader, DistributedSampler, Subset, TensorDataset


def make_loaders(train_set, val_set, batch_size):
    rank, world = dist.get_rank(), dist.get_world_size()
    sampler = DistributedSampler(train_set, shuffle=True)
    train_loader = DataLoader(train_set, batch_size, sampler=sampler)
    val_loader = DataLoader(
        val_set, batch_size, sampler=DistributedSampler(val_set, shuffle=False))  # FAULT note 10
    return train_loader, val_loader, sampler


@torch.no_grad()
def evaluate(net, loader):
    net.eval()
    counts = torch.zeros(2)
    for x, y in loader:
        counts += torch.tensor([(net(x).argmax(1) == y).sum(), len(y)])
    dist.all_reduce(counts)
    return float(counts[0] / counts[1])


def main():
    dist.init_process_group("gloo")
    torch.manual_seed(0)
    x = torch.randn(203, 6)
    data = TensorDataset(x, x[:, :2].argmax(1))
    train_loader, val_loader, sampler = make_loaders(
        Subset(data, range(150)), Subset(data, range(150, 203)), 10)
    net = nn.Linear(6, 2)
    ddp = DistributedDataParallel(net)
    optimizer = torch.optim.SGD(ddp.parameters(), lr=0.1)
    for epoch in range(2):
        sampler.set_epoch(epoch)
        ddp.train()
        for x, y in train_loader:
            optimizer.zero_grad()
            nn.functional.cross_entropy(ddp(x), y).backward()
            optimizer.step()
        print(epoch, evaluate(net, val_loader))
    dist.destroy_process_group()


if __name__ == "__main__":
    main()
