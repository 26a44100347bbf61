# Wrong answers to the exercises of the interlude, and what each must be told.

# N.1: so it is not 1
answer = 1.0

# N.1: standard deviations do not add, variances do
answer = (0.20 + 0.15) / 0.20

# N.1: that is before normalising
answer = math.sqrt(0.20**2 + 0.15**2)

# N.1: add the variances within and between images
answer = 0.15 / 0.20


# N.2: the mean is not that of the pixels, scaled to [0, 1]
def channel_statistics(images):
    pixels = torch.cat([image.flatten(1) for image in images], 1).float()
    return pixels.mean(1), pixels.std(1)


# N.2: the std is not pooled
def channel_statistics(images):
    images = [image.flatten(1) / 255 for image in images]
    mean = torch.stack([image.mean(1) for image in images]).mean(0)
    return mean, torch.stack([image.std(1) for image in images]).mean(0)


# N.2: uint8 wraps at 256
def channel_statistics(images):
    count, total, squares = 0, 0, 0
    for image in images:
        count += image[0].numel()
        total = total + image.sum((1, 2))
        squares = squares + (image * image).sum((1, 2))
    mean = total / count
    return mean / 255, (squares / count - mean**2).clamp_min(0).sqrt() / 255


# N.2: large and small images must count by their pixels
def channel_statistics(images):
    images = [image.flatten(1) / 255 for image in images]
    mean = torch.stack([image.mean(1) for image in images]).mean(0)
    square = torch.stack([image.square().mean(1) for image in images]).mean(0)
    return mean, (square - mean.square()).sqrt()


# N.2: images come once
def channel_statistics(images):
    total = sum(image.double().sum((1, 2)) for image in images)
    count = sum(image[0].numel() for image in images)
    mean = total / count / 255
    squares = sum((image / 255).square().sum((1, 2)) for image in images)
    return mean, (squares / count - mean.square()).sqrt()


# N.3: the result is not float32 [3, size, size]
def make_view(size):
    return v2.Compose(
        [
            v2.Resize(round(size * 256 / 224)),
            v2.ToDtype(torch.float32, scale=True),
            v2.Normalize(magic.IMAGENET_MEAN, magic.IMAGENET_STD),
        ]
    )


# N.3: two calls give two results
def make_view(size):
    return train_view(size, magic.IMAGENET_MEAN, magic.IMAGENET_STD)


# N.3: white must become (1 - mean) / std of ImageNet
def make_view(size):
    return val_view(size, (0.5, 0.5, 0.5), (0.5, 0.5, 0.5))


# N.3: white must become (1 - mean) / std of ImageNet
def make_view(size):
    return v2.Compose(
        [
            v2.Resize(round(size * 256 / 224)),
            v2.CenterCrop(size),
            v2.ToDtype(torch.float32),
            v2.Normalize(magic.IMAGENET_MEAN, magic.IMAGENET_STD),
        ]
    )


# N.3: it squashes
def make_view(size):
    return v2.Compose(
        [
            v2.Resize((size, size)),
            v2.ToDtype(torch.float32, scale=True),
            v2.Normalize(magic.IMAGENET_MEAN, magic.IMAGENET_STD),
        ]
    )


# N.3: bring the shorter side to 8/7 of the size first
def make_view(size):
    return v2.Compose(
        [
            v2.CenterCrop(size),
            v2.ToDtype(torch.float32, scale=True),
            v2.Normalize(magic.IMAGENET_MEAN, magic.IMAGENET_STD),
        ]
    )


# N.1: that is before normalising
answer = 0.25

# N.1: standard deviations do not add
answer = 1.75


# N.2: the mean is not that of the pixels
def channel_statistics(images):
    return torch.tensor(magic.IMAGENET_MEAN), torch.tensor(magic.IMAGENET_STD)


# N.2: the std is not pooled
def channel_statistics(images):
    pixels = torch.cat([image.flatten(1) / 255 for image in images], 1)
    return pixels.mean(1), pixels.var(1)


# N.2: the mean is not that of the pixels
def channel_statistics(images):
    pixels = torch.cat([image.flatten(1) / 255 for image in images], 1)
    print(pixels.mean(1), pixels.std(1))


# N.3: not float32 [3, size, size]
def make_view(size):
    return val_view(64, magic.IMAGENET_MEAN, magic.IMAGENET_STD)


# N.3: not float32 [3, size, size]
def make_view(size):
    view = val_view(size, magic.IMAGENET_MEAN, magic.IMAGENET_STD)
    return lambda image: view(image)[None]


# N.3: not float32 [3, size, size]
def make_view(size):
    return v2.Compose(
        [
            v2.Resize(round(size * 8 / 7)),
            v2.CenterCrop(size),
            v2.ToDtype(torch.float64, scale=True),
            v2.Normalize(magic.IMAGENET_MEAN, magic.IMAGENET_STD),
        ]
    )


# N.3: of ImageNet
def make_view(size):
    return val_view(size, 3 * [magic.IMAGENET_MEAN[0]], 3 * [magic.IMAGENET_STD[0]])


# N.3: crop the centre
def make_view(size):
    return v2.Compose(
        [
            v2.Resize(round(size * 8 / 7)),
            v2.Lambda(lambda image: image[:, :size, :size]),
            v2.ToDtype(torch.float32, scale=True),
            v2.Normalize(magic.IMAGENET_MEAN, magic.IMAGENET_STD),
        ]
    )
