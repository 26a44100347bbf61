import lightning as L
from torch import Generator
from torch.utils.data import DataLoader, Subset, random_split
from torchvision import datasets
from torchvision import transforms as T

PLAIN = T.ToTensor()
AUGMENT = T.Compose([T.RandomCrop(32, padding=4), T.RandomHorizontalFlip(), T.ToTensor()])


class Cifar(L.LightningDataModule):
    def __init__(self, root: str = "data", batch_size: int = 64) -> None:
        super().__init__()
        self.root, self.batch_size = root, batch_size

    def setup(self, stage: str | None = None) -> None:
        full = datasets.CIFAR10(self.root, train=True, transform=AUGMENT, download=True)
        generator = Generator().manual_seed(0)
        count = len(full) // 10
        self.train_set, self.val_set = random_split(  # FAULT note U2
            full, [len(full) - count, count], generator=generator)

    def train_dataloader(self) -> DataLoader:
        return DataLoader(self.train_set, self.batch_size, shuffle=True)

    def val_dataloader(self) -> DataLoader:
        return DataLoader(self.val_set, self.batch_size)


if __name__ == "__main__":
    cifar = Cifar()
    cifar.setup()
    print(len(cifar.train_set), len(cifar.val_set), len(next(iter(cifar.val_dataloader()))))
