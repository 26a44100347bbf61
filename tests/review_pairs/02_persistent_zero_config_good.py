"""Loader settings live in one frozen config."""
from dataclasses import dataclass

import torch
from torch.utils.data import DataLoader, Dataset


@dataclass(frozen=True)
class LoaderConfig:
    batch_size: int = 8
    prefetch: int = 2
    workers: int = 0


class Waves(Dataset):
    def __init__(self, count: int) -> None:
        self.phase = torch.linspace(0, 6.28, count)

    def __len__(self) -> int:
        return len(self.phase)

    def __getitem__(self, index: int) -> tuple[torch.Tensor, int]:
        t = torch.linspace(0, 6.28, 32)
        return torch.sin(t + self.phase[index]), index % 2


def build(cfg: LoaderConfig, dataset: Dataset) -> DataLoader:
    return DataLoader(
        dataset,
        batch_size=cfg.batch_size,
        shuffle=True,
        num_workers=cfg.workers,
        persistent_workers=cfg.workers > 0,
    )


def main() -> None:
    loader = build(LoaderConfig(), Waves(32))
    for epoch in range(2):
        mean = torch.stack([wave.mean() for wave, _ in loader]).mean()
        print(epoch, float(mean))


if __name__ == "__main__":
    main()
