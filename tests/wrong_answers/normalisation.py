# Wrong answers to the exercises of the interlude, and what each must be told.

# N.1: so it is not 1
answer = 1.0

# N.1: standard deviations do not add, variances do
answer = (0.20 + 0.15) / 0.20

# N.1: that is the deviation before normalising
answer = math.sqrt(0.20**2 + 0.15**2)

# N.1: or the division by 0.20
answer = 0.15 / 0.20


# N.2: the mean is not that of the pixels, scaled to [0, 1]
def channel_statistics(images):
    pixels = torch.cat([image.flatten(1) for image in images], 1).float()
    return pixels.mean(1), pixels.std(1)


# N.2: the std is not that of all pixels
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


# N.2: large and small pictures don't count by their pixels
def channel_statistics(images):
    images = [image.flatten(1) / 255 for image in images]
    mean = torch.stack([image.mean(1) for image in images]).mean(0)
    square = torch.stack([image.square().mean(1) for image in images]).mean(0)
    return mean, (square - mean.square()).sqrt()


# N.2: the pictures come once
def channel_statistics(images):
    total = sum(image.double().sum((1, 2)) for image in images)
    count = sum(image[0].numel() for image in images)
    mean = total / count / 255
    squares = sum((image / 255).square().sum((1, 2)) for image in images)
    return mean, (squares / count - mean.square()).sqrt()


# N.1: that is the deviation before normalising
answer = 0.25

# N.1: standard deviations do not add
answer = 1.75


# N.2: the mean is not that of the pixels
def channel_statistics(images):
    return torch.tensor(magic.IMAGENET_MEAN), torch.tensor(magic.IMAGENET_STD)


# N.2: the std is not that of all pixels
def channel_statistics(images):
    pixels = torch.cat([image.flatten(1) / 255 for image in images], 1)
    return pixels.mean(1), pixels.var(1)


# N.2: the mean is not that of the pixels
def channel_statistics(images):
    pixels = torch.cat([image.flatten(1) / 255 for image in images], 1)
    print(pixels.mean(1), pixels.std(1))


# N.3: the result is not float32
def prepare_well(image, mean, std):
    image = v2.functional.resize(image, [16])
    image = v2.functional.to_dtype(image, torch.float32, scale=True)
    return v2.functional.normalize(image, mean, std)


# N.3: a white picture is not (1 - mean) / std
def prepare_well(image, mean, std):
    image = v2.functional.center_crop(v2.functional.resize(image, [16]), [16, 16])
    image = v2.functional.to_dtype(image, torch.float32)
    return v2.functional.normalize(image, mean, std)


# N.3: a white picture is not (1 - mean) / std
def prepare_well(image, mean, std):
    image = v2.functional.center_crop(v2.functional.resize(image, [16]), [16, 16])
    return v2.functional.to_dtype(image, torch.float32, scale=True)


# N.3: a wide picture is squashed
def prepare_well(image, mean, std):
    image = v2.functional.resize(image, [16, 16])
    image = v2.functional.to_dtype(image, torch.float32, scale=True)
    return v2.functional.normalize(image, mean, std)


# N.3: or not cut in its centre
def prepare_well(image, mean, std):
    image = v2.functional.resize(image, [16])[:, :16, :16]
    image = v2.functional.to_dtype(image, torch.float32, scale=True)
    return v2.functional.normalize(image, mean, std)
