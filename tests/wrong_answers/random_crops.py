# Wrong answers to the exercises of the interlude, and what each must be told.


# R.1: the result isn't a share
def missed(defect, size, area, draws=1000):
    return draws


# R.1: a crop of everything misses something
def missed(defect, size, area, draws=1000):
    return 0.6


# R.1: a defect in the middle is missed
def missed(defect, size, area, draws=1000):
    return 0.0


# R.1: (shown in part is shown)
def missed(defect, size, area, draws=1000):
    top, left, height, width = defect
    count = 0
    for _ in range(draws):
        t, x, h, w = v2.RandomResizedCrop.get_params(
            torch.empty(3, *size), area, (3 / 4, 4 / 3)
        )
        if (height, width) != tuple(size):
            rows = t <= top and top + height <= t + h
            count += not (rows and x <= left and left + width <= x + w)
    return count / draws


# R.1: height and width of the picture are confused
def missed(defect, size, area, draws=1000):
    top, left, height, width = defect
    count = 0
    for _ in range(draws):
        t, x, h, w = v2.RandomResizedCrop.get_params(
            torch.empty(3, size[1], size[0]), area, (3 / 4, 4 / 3)
        )
        count += not (
            t < top + height and top < t + h and x < left + width and left < x + w
        )
    return count / draws


# R.2: the result is not float32 [3, size, size]
def make_view(size):
    return v2.Compose(
        [
            v2.Resize(round(size * 256 / 224)),
            v2.ToDtype(torch.float32, scale=True),
            v2.Normalize(magic.IMAGENET_MEAN, magic.IMAGENET_STD),
        ]
    )


# R.2: two calls give two results
def make_view(size):
    return make_transforms(size, magic.IMAGENET_MEAN, magic.IMAGENET_STD)[0]


# R.2: white isn't (1 - mean) / std
def make_view(size):
    small = v2.Resize(round(size * 8 / 7))
    return v2.Compose(
        [
            small,
            make_transforms(size, [0.5] * 3, [0.5] * 3)[1].transforms[1],
            v2.ToDtype(torch.float32, scale=True),
            v2.Normalize([0.5] * 3, [0.5] * 3),
        ]
    )


# R.2: white isn't (1 - mean) / std
def make_view(size):
    return v2.Compose(
        [
            v2.Resize(round(size * 256 / 224)),
            v2.CenterCrop(size),
            v2.ToDtype(torch.float32),
            v2.Normalize(magic.IMAGENET_MEAN, magic.IMAGENET_STD),
        ]
    )


# R.2: a wide picture is squashed
def make_view(size):
    return v2.Compose(
        [
            v2.Resize((size, size)),
            v2.ToDtype(torch.float32, scale=True),
            v2.Normalize(magic.IMAGENET_MEAN, magic.IMAGENET_STD),
        ]
    )


# R.2: too much or too little of the picture
def make_view(size):
    return v2.Compose(
        [
            v2.CenterCrop(size),
            v2.ToDtype(torch.float32, scale=True),
            v2.Normalize(magic.IMAGENET_MEAN, magic.IMAGENET_STD),
        ]
    )


# R.2: the result is not float32 [3, size, size]
def make_view(size):
    return v2.Compose(
        [
            v2.Resize(round(size * 8 / 7)),
            v2.CenterCrop(size),
            v2.ToDtype(torch.float64, scale=True),
            v2.Normalize(magic.IMAGENET_MEAN, magic.IMAGENET_STD),
        ]
    )


# R.2: it isn't central
def make_view(size):
    return v2.Compose(
        [
            v2.Resize(round(size * 8 / 7)),
            v2.Lambda(lambda image: image[:, :size, :size]),
            v2.ToDtype(torch.float32, scale=True),
            v2.Normalize(magic.IMAGENET_MEAN, magic.IMAGENET_STD),
        ]
    )


# R.3: isn't the share
def split(make_dataset, train_transform, val_transform, share, seed):
    train, val = make_dataset(train_transform), make_dataset(val_transform)
    order = torch.randperm(len(val), generator=torch.Generator().manual_seed(seed))
    n = round(share * len(val))
    return Subset(train, order[:n].tolist()), Subset(val, order[n:].tolist())


# R.3: a picture is in both parts, or in none
def split(make_dataset, train_transform, val_transform, share, seed):
    train, val = make_dataset(train_transform), make_dataset(val_transform)
    n = round(share * len(val))
    return (
        Subset(train, torch.randperm(len(val))[n:].tolist()),
        Subset(val, torch.randperm(len(val))[:n].tolist()),
    )


# R.3: through the training transform
def split(make_dataset, train_transform, val_transform, share, seed):
    generator = torch.Generator().manual_seed(seed)
    return random_split(make_dataset(train_transform), [1 - share, share], generator)


# R.3: through the validation transform
def split(make_dataset, train_transform, val_transform, share, seed):
    generator = torch.Generator().manual_seed(seed)
    return random_split(make_dataset(val_transform), [1 - share, share], generator)


# R.3: the parts change, though the seed is the same
def split(make_dataset, train_transform, val_transform, share, seed):
    train, val = make_dataset(train_transform), make_dataset(val_transform)
    order = torch.randperm(len(val)).tolist()
    n = round(share * len(val))
    return Subset(train, order[n:]), Subset(val, order[:n])


# R.3: another seed gives the same parts
def split(make_dataset, train_transform, val_transform, share, seed):
    train, val = make_dataset(train_transform), make_dataset(val_transform)
    order = torch.randperm(
        len(val), generator=torch.Generator().manual_seed(0)
    ).tolist()
    n = round(share * len(val))
    return Subset(train, order[n:]), Subset(val, order[:n])


# R.3: the last pictures of the folder
def split(make_dataset, train_transform, val_transform, share, seed):
    train, val = make_dataset(train_transform), make_dataset(val_transform)
    start = 80 - seed
    held_out = list(range(start, start + round(share * len(val))))
    rest = [k for k in range(len(val)) if k not in held_out]
    return Subset(train, rest), Subset(val, held_out)
