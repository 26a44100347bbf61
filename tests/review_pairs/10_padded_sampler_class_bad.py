import torch
import torch.distributed as dist
from torch.utils import data
from torch.utils.data.distributed import DistributedSampler as Shard


class Splits:
    def __init__(self, train: data.Dataset, val: data.Dataset, batch: int = 64):
        self.train, self.val, self.batch = train, val, batch

    def train_loader(self, epoch: int) -> data.DataLoader:
        shard = Shard(self.train, seed=7)
        shard.set_epoch(epoch)
        return data.DataLoader(self.train, self.batch, sampler=shard, drop_last=True)

    def val_loader(self) -> data.DataLoader:
        shard = Shard(self.val, shuffle=False)
        return data.DataLoader(self.val, self.batch, sampler=shard)  # FAULT note 10


def count(loader: data.DataLoader) -> int:
    seen = torch.tensor(sum(len(batch[0]) for batch in loader))
    dist.all_reduce(seen)
    return int(seen)


if __name__ == "__main__":
    dist.init_process_group("gloo")
    splits = Splits(data.TensorDataset(torch.rand(1000, 2)), data.TensorDataset(torch.rand(101, 2)))
    print(count(splits.train_loader(0)), count(splits.val_loader()))
    dist.destroy_process_group()
