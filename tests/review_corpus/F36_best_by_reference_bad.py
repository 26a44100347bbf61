import copy
import time
import torch


def train_model(model, dataloaders, criterion, optimizer, device, num_epochs=25):
    since = time.time()
    best_acc = 0.0
    best_wts = copy.deepcopy(model.state_dict())
    for epoch in range(num_epochs):
        print(f"Epoch {epoch}/{num_epochs - 1}")
        for phase in ["train", "val"]:
            model.train(phase == "train")
            running_corrects, n = 0, 0
            for inputs, labels in dataloaders[phase]:
                inputs, labels = inputs.to(device), labels.to(device)
                optimizer.zero_grad()
                with torch.set_grad_enabled(phase == "train"):
                    outputs = model(inputs)
                    loss = criterion(outputs, labels)
                    if phase == "train":
                        loss.backward()
                        optimizer.step()
                running_corrects += (outputs.argmax(1) == labels).sum().item()
                n += labels.size(0)
            acc = running_corrects / n
            print(f"{phase} acc: {acc:.4f}")
            if phase == "val" and acc > best_acc:
                best_acc = acc
                best_wts = model.state_dict()  # FAULT note U6
    print(f"done in {time.time() - since:.0f}s, best {best_acc:.4f}")
    model.load_state_dict(best_wts)
    return model
