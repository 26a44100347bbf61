# Right answers to the exercises of the interlude, other than its own.


# R.1
def missed(defect, size, area, draws=1000):
    top, left, height, width = defect
    where = torch.zeros(1, *size)
    where[:, top : top + height, left : left + width] = 1
    empty = 0
    for _ in range(draws):
        t, x, h, w = v2.RandomResizedCrop.get_params(where, area, (3 / 4, 4 / 3))
        empty += where[:, t : t + h, x : x + w].sum().item() == 0
    return empty / draws


# R.1
def missed(defect, size, area, draws=1000):
    top, left, height, width = defect
    found = []
    for _ in range(draws):
        t, x, h, w = v2.RandomResizedCrop.get_params(
            torch.empty(3, *size), list(area), [3 / 4, 4 / 3]
        )
        rows = min(t + h, top + height) - max(t, top)
        columns = min(x + w, left + width) - max(x, left)
        found.append(rows > 0 and columns > 0)
    return 1 - torch.tensor(found).double().mean()


# R.2
def make_view(size):
    def view(image):
        image = v2.functional.resize(image, [int(size * 256 / 224)])
        image = v2.functional.center_crop(image, [size, size]).float() / 255
        mean = torch.tensor([0.485, 0.456, 0.406])[:, None, None]
        std = torch.tensor([0.229, 0.224, 0.225])[:, None, None]
        return (image - mean) / std

    return view


# R.2
def make_view(size):
    from torchvision.transforms._presets import ImageClassification

    return ImageClassification(crop_size=size, resize_size=round(size * 8 / 7))


# R.3
def split(make_dataset, train_transform, val_transform, share, seed):
    size = len(make_dataset(val_transform))
    generator = torch.Generator().manual_seed(seed)
    held_out = round(share * size)
    rest, chosen = random_split(range(size), [size - held_out, held_out], generator)
    return (
        Subset(make_dataset(train_transform), list(rest)),
        Subset(make_dataset(val_transform), list(chosen)),
    )


# R.3
def split(make_dataset, train_transform, val_transform, share, seed):
    import random

    train, val = make_dataset(train_transform), make_dataset(val_transform)
    chosen = random.Random(seed).sample(range(len(val)), int(share * len(val)))
    others = sorted(set(range(len(val))) - set(chosen))
    return [train[k] for k in others], [val[k] for k in chosen]
