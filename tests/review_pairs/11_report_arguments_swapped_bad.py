import lightning as L
import torch
from sklearn.metrics import classification_report
from torch import Tensor, nn


class LitLeaves(L.LightningModule):
    def __init__(self, names: list[str]) -> None:
        super().__init__()
        self.names = names
        self.net = nn.Linear(8, len(names))
        self.seen: list[tuple[Tensor, Tensor]] = []

    def test_step(self, batch: tuple[Tensor, Tensor], batch_idx: int) -> None:
        x, y = batch
        self.seen.append((y.cpu(), self.net(x).argmax(1).cpu()))

    def on_test_epoch_end(self) -> None:
        y_true = torch.cat([y for y, _ in self.seen])
        y_pred = torch.cat([p for _, p in self.seen])
        self.seen.clear()
        print(classification_report(
            y_pred, y_true,  # FAULT note 11
            labels=range(len(self.names)), target_names=self.names, zero_division=0))


if __name__ == "__main__":
    data = torch.utils.data.TensorDataset(torch.randn(40, 8), torch.randint(0, 3, (40,)))
    trainer = L.Trainer(logger=False, enable_checkpointing=False, enable_progress_bar=False)
    trainer.test(LitLeaves(["oak", "elm", "ash"]), torch.utils.data.DataLoader(data, 10), verbose=False)
