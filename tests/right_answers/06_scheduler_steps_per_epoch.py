# Right answers to the exercises of chapter 6, other than the book's own.

# 6.1
after_run = tuple(
    0.05 * (1 + math.cos(math.pi * calls / T_max))
    for calls, T_max in ((50, 50), (50, 100), (50, 25), (2000, 50), (50, 40))
)

# 6.1
calls = torch.tensor([50.0, 50.0, 50.0, 2000.0, 50.0], dtype=torch.float64)
T_max = torch.tensor([50, 100, 25, 50, 40])
after_run = 0.05 * (1 + torch.cos(math.pi * calls / T_max))

# 6.1
after_run = [0, 0.05, 0.1, 0.1, 0.0146]


# 6.2
def schedule_length(images, batch_size, epochs, accumulate, drop_last):
    calls = 0
    for _ in range(epochs):
        waiting = 0
        for first in range(0, images, batch_size):
            if drop_last and first + batch_size > images:
                continue
            waiting += 1
            if waiting == accumulate:
                calls, waiting = calls + 1, 0
        calls += waiting > 0
    return calls


# 6.2
def schedule_length(images, batch_size, epochs, accumulate, drop_last):
    import numpy as np

    batches = np.divide(images, batch_size)
    batches = np.floor(batches) if drop_last else np.ceil(batches)
    return (epochs * np.ceil(batches / accumulate)).astype(int)


# 6.2
def schedule_length(images, batch_size, epochs, accumulate, drop_last):
    loader = DataLoader(range(images), batch_size, drop_last=drop_last)
    whole, rest = divmod(len(loader), accumulate)
    return torch.tensor(epochs) * (whole + bool(rest))


# 6.3
def warm_up_cosine(optimizer, warm, total):
    def factor(call):
        if call < warm:
            return 0.1 + 0.9 * call / warm
        return (1 + math.cos(math.pi * (call - warm) / (total - warm))) / 2

    return torch.optim.lr_scheduler.LambdaLR(optimizer, factor)


# 6.3
class WarmUpCosine(torch.optim.lr_scheduler.LRScheduler):
    def __init__(self, optimizer, warm, total):
        self.warm, self.total = warm, total
        super().__init__(optimizer)

    def get_lr(self):
        call = self.last_epoch
        if call <= self.warm:
            return [rate * (1 + 9 * call / self.warm) / 10 for rate in self.base_lrs]
        angle = math.pi * (call - self.warm) / (self.total - self.warm)
        return [rate * math.cos(angle / 2) ** 2 for rate in self.base_lrs]


def warm_up_cosine(optimizer, warm, total):
    return WarmUpCosine(optimizer, warm, total)
