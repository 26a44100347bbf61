# Wrong answers to the exercises of chapter 6, and what each must be told.

# 6.1: list of five
after_run = [0.0, 0.05, 0.1]


# 6.1: 1: calls and T_max agree
after_run = [0.1, 0.05, 0.1, 0.1, 0.015]


# 6.1: 2: after half of T_max
after_run = [0.0, 0.0, 0.1, 0.1, 0.015]


# 6.1: 3: after two T_max
after_run = [0.0, 0.05, 0.0, 0.1, 0.015]


# 6.1: 4: 50
after_run = [0.0, 0.05, 0.1, 0.0, 0.015]


# 6.1: 5: 50 calls of a 40th
after_run = [0.0, 0.05, 0.1, 0.1, 0.0]


# 6.2: 10 batches in each of 3 epochs
def schedule_length(images, batch_size, epochs, accumulate, drop_last):
    return epochs


# 6.2: not full is left out
def schedule_length(images, batch_size, epochs, accumulate, drop_last):
    return epochs * (images // batch_size)


# 6.2: with drop_last, a batch
def schedule_length(images, batch_size, epochs, accumulate, drop_last):
    return epochs * math.ceil(images / batch_size)


# 6.2: with accumulate=2
def schedule_length(images, batch_size, epochs, accumulate, drop_last):
    batches = images // batch_size if drop_last else -(-images // batch_size)
    return epochs * batches


# 6.2: with accumulate=4
def schedule_length(images, batch_size, epochs, accumulate, drop_last):
    batches = images // batch_size if drop_last else -(-images // batch_size)
    return epochs * (batches // accumulate)


# 6.2: over several epochs
def schedule_length(images, batch_size, epochs, accumulate, drop_last):
    batches = images // batch_size if drop_last else -(-images // batch_size)
    return math.ceil(epochs * batches / accumulate)


# 6.2: isn't a whole number
def schedule_length(images, batch_size, epochs, accumulate, drop_last):
    batches = images // batch_size if drop_last else -(-images // batch_size)
    return float(epochs * math.ceil(batches / accumulate))


# 6.3: no scheduler is returned
def warm_up_cosine(optimizer, warm, total):
    LinearLR(optimizer, start_factor=0.1, total_iters=warm)


# 6.3: not a tenth
def warm_up_cosine(optimizer, warm, total):
    rise = LinearLR(optimizer, total_iters=warm)
    fall = CosineAnnealingLR(optimizer, T_max=total - warm)
    return SequentialLR(optimizer, [rise, fall], milestones=[warm])


# 6.3: not a tenth
def warm_up_cosine(optimizer, warm, total):
    return CosineAnnealingLR(optimizer, T_max=total)


# 6.3: not a tenth
def warm_up_cosine(optimizer, warm, total):
    return OneCycleLR(optimizer, max_lr=0.1, total_steps=total, pct_start=warm / total)


# 6.3: not reached after warm calls
def warm_up_cosine(optimizer, warm, total):
    return LinearLR(optimizer, start_factor=0.1, total_iters=total)


# 6.3: does not fall
def warm_up_cosine(optimizer, warm, total):
    return LinearLR(optimizer, start_factor=0.1, total_iters=warm)


# 6.3: not zero after total calls
def warm_up_cosine(optimizer, warm, total):
    rise = LinearLR(optimizer, start_factor=0.1, total_iters=warm)
    fall = CosineAnnealingLR(optimizer, T_max=total)
    return SequentialLR(optimizer, [rise, fall], milestones=[warm])


# 6.3: before the end
def warm_up_cosine(optimizer, warm, total):
    rise = LinearLR(optimizer, start_factor=0.1, total_iters=warm)
    fall = LinearLR(optimizer, start_factor=1, end_factor=0, total_iters=warm)
    return SequentialLR(optimizer, [rise, fall], milestones=[warm])


# 6.3: other lengths
def warm_up_cosine(optimizer, warm, total):
    rise = LinearLR(optimizer, start_factor=0.1, total_iters=warm)
    fall = CosineAnnealingLR(optimizer, T_max=20)
    return SequentialLR(optimizer, [rise, fall], milestones=[warm])


# 6.1: list of five
after_run = {"first": 0.0}


# 6.1: 1: calls and T_max agree
after_run = [0.1, 0.1, 0.1, 0.1, 0.1]


# 6.1: 5: 50 calls of a 40th
after_run = [0.0, 0.05, 0.1, 0.1, 0.014]


# 6.2: drop_last leaves out the
def schedule_length(images, batch_size, epochs, accumulate, drop_last):
    if drop_last:
        return epochs * (images // batch_size // accumulate)
    return epochs * math.ceil(math.ceil(images / batch_size) / accumulate)


# 6.2: an int that range() takes
def schedule_length(images, batch_size, epochs, accumulate, drop_last):
    batches = images // batch_size if drop_last else -(-images // batch_size)
    print(epochs * math.ceil(batches / accumulate))


# 6.2: 10 batches in each of 3 epochs
def schedule_length(images, batch_size, epochs, accumulate, drop_last):
    return epochs * math.ceil((images // batch_size + 1) / accumulate)


# 6.2: 10 batches in each of 3 epochs
def schedule_length(images, batch_size, epochs, accumulate, drop_last):
    return 9


# 6.3: does not fall along a cosine
def warm_up_cosine(optimizer, warm, total):
    rise = LinearLR(optimizer, start_factor=0.1, total_iters=warm)
    fall = LinearLR(optimizer, 1, 0, total_iters=total - warm)
    return SequentialLR(optimizer, [rise, fall], milestones=[warm])


# 6.3: other lengths
def warm_up_cosine(optimizer, warm, total):
    rise = LinearLR(optimizer, start_factor=0.1, total_iters=5)
    fall = CosineAnnealingLR(optimizer, T_max=total - warm)
    return SequentialLR(optimizer, [rise, fall], milestones=[warm])


# 6.3: the optimiser's rate is not reached
def warm_up_cosine(optimizer, warm, total):
    def rate(call):
        if call < warm:
            return 0.01 + 0.09 * call / warm
        return 0.05 * (1 + math.cos(math.pi * (call - warm) / (total - warm)))

    start = optimizer.param_groups[0]["lr"]
    return torch.optim.lr_scheduler.LambdaLR(optimizer, lambda k: rate(k) / start)
