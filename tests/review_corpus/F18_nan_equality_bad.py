import sys
import torch
from torch import nn
from torch.utils.tensorboard import SummaryWriter


def save(model, optimizer, epoch, path):
    torch.save({"model": model.state_dict(), "optim": optimizer.state_dict(), "epoch": epoch}, path)


def train(model, dataloaders, optimizer, num_epochs, device, log_dir):
    writer = SummaryWriter(log_dir)
    criterion = nn.CrossEntropyLoss()
    global_step = 0
    for epoch in range(num_epochs):
        model.train()
        for inputs, labels in dataloaders["train"]:
            inputs = inputs.to(device)
            labels = labels.to(device)
            optimizer.zero_grad()
            outputs = model(inputs)
            loss = criterion(outputs, labels)
            loss_value = loss.item()
            if loss_value == float("nan"):  # FAULT note 7
                print("Loss is nan, stopping training")
                writer.close()
                sys.exit(1)
            loss.backward()
            optimizer.step()
            writer.add_scalar("train/loss", loss_value, global_step)
            global_step += 1
        save(model, optimizer, epoch, f"{log_dir}/last.pth")
    writer.close()
