# Right answers to the exercises of chapter 16, other than the book's own.

# 16.1
answer = counts(calls)

# 16.1
answer = torch.tensor([1, 2, 3, 4, 4, 5])

# 16.1
answer = (1, 2, 3, 4, 4, 5)


# 16.2
def scale_whole(images):
    over = (images.max() > 1).to(images.dtype)  # 0 or 1
    return images * (2 / (1 + 254 * over)) - 1


# 16.2
def scale_whole(images):
    large = images.amax().gt(1)
    return torch.where(large, images / 127.5 - 1, images * 2 - 1)


# 16.3
def calls_to_pay(first, typical, eager, graphs=1):
    if eager <= typical:
        return float("inf")
    calls, compiled = graphs, graphs * first
    while compiled > calls * eager:
        calls, compiled = calls + 1, compiled + typical
    return calls


# 16.3
def calls_to_pay(first, typical, eager, graphs=1):
    import numpy as np

    loss, gain = graphs * (first - eager), eager - typical
    return graphs + np.ceil(loss / gain) if gain > 0 else np.inf
