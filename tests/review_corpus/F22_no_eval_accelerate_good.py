import timm
import torch
import torch.nn.functional as F
from accelerate import Accelerator


def validate(accelerator, model, val_dl):
    model.eval()
    correct, count = 0, 0
    for xb, yb in val_dl:
        with torch.no_grad():
            out = model(xb)
        pred, ref = accelerator.gather_for_metrics((out.argmax(-1), yb))
        correct += (pred == ref).sum().item()
        count += ref.numel()
    return correct / count


def main(train_dl, val_dl, num_classes, epochs=8, lr=2e-4):
    accelerator = Accelerator(mixed_precision="fp16")
    model = timm.create_model("convnext_tiny", pretrained=True, num_classes=num_classes, drop_path_rate=0.2)
    optimizer = torch.optim.AdamW(model.parameters(), lr=lr)
    model, optimizer, train_dl, val_dl = accelerator.prepare(model, optimizer, train_dl, val_dl)

    for epoch in range(epochs):
        model.train()
        for xb, yb in train_dl:
            loss = F.cross_entropy(model(xb), yb)
            accelerator.backward(loss)
            if accelerator.sync_gradients:
                accelerator.clip_grad_norm_(model.parameters(), 1.0)
            optimizer.step()
            optimizer.zero_grad()
        acc = validate(accelerator, model, val_dl)
        accelerator.print(f"epoch {epoch}: {acc:.4f}")
    accelerator.wait_for_everyone()
    accelerator.save(accelerator.unwrap_model(model).state_dict(), "model.bin")
