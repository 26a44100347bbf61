"""Train from a DALI pipeline."""
import torch
from nvidia.dali import fn, pipeline_def, types
from nvidia.dali.plugin.pytorch import DALIClassificationIterator, LastBatchPolicy
from torch import nn

from model import IMAGENET_MEAN, IMAGENET_STD, network


@pipeline_def(batch_size=8, num_threads=1, device_id=None, seed=1)
def training(root):
    jpegs, labels = fn.readers.file(file_root=root, name="Reader", shuffle_after_epoch=True)
    images = fn.resize(fn.decoders.image_random_crop(jpegs), size=(32, 32))
    images = fn.crop_mirror_normalize(
        images, dtype=types.FLOAT, mirror=fn.random.coin_flip(),
        mean=[255 * m for m in IMAGENET_MEAN], std=[255 * s for s in IMAGENET_STD])
    return images, labels


def main():
    loader = DALIClassificationIterator(
        training("data/train"), reader_name="Reader", auto_reset=True,
        last_batch_policy=LastBatchPolicy.DROP)
    net = network(3)
    optimizer = torch.optim.SGD(net.parameters(), lr=0.01)
    net.train()
    for (batch,) in loader:
        optimizer.zero_grad()
        loss = nn.functional.cross_entropy(net(batch["data"]), batch["label"].squeeze(1).long())
        loss.backward()
        optimizer.step()
    print(loss.item())


if __name__ == "__main__":
    main()
