# Wrong answers to the exercises of chapter 16, and what each must be told.

# 16.1: give six numbers
answer = [1, 2, 3]

# 16.1: never falls
answer = [1, 2, 3, 1, 1, 2]

# 16.1: change together
answer = [1, 3, 4, 5, 5, 6]

# 16.1: no graph for evaluation fits 6
answer = [1, 2, 2, 3, 3, 4]

# 16.1: training has a graph for 8 images only
answer = [1, 2, 3, 3, 3, 4]

# 16.1: still fixed
answer = [1, 2, 3, 4, 5, 6]

# 16.1: a case of its own
answer = [1, 2, 3, 4, 4, 4]


# 16.2: images of 0 to 1
def scale_whole(images):
    return images / 255 * 2 - 1


# 16.2: 0 to 255 come out wrong
def scale_whole(images):
    return images * 2 - 1


# 16.2: even a value below 1
def scale_whole(images):
    images = torch.where(images > 1, images / 255, images)
    return images * 2 - 1


# 16.2: for the whole batch
def scale_whole(images):
    largest = images.amax((1, 2, 3), keepdim=True)
    return torch.where(largest > 1, images / 255, images) * 2 - 1


# 16.2: still a graph break
def scale_whole(images):
    divisor = 255 if images.max().item() > 1 else 1
    return images / divisor * 2 - 1


# 16.2: handed in have changed
def scale_whole(images):
    largest = images.max()
    images /= torch.where(largest > 1, 255.0, 1.0)
    return images * 2 - 1


# 16.2: still a graph break
scale_whole = scale


# 16.3: even at call 5
def calls_to_pay(first, typical, eager, graphs=1):
    return math.ceil(graphs * first / (eager - typical))


# 16.3: round up
def calls_to_pay(first, typical, eager, graphs=1):
    return graphs * (first - typical) // (eager - typical)


# 16.3: never pays
def calls_to_pay(first, typical, eager, graphs=1):
    return math.ceil(graphs * (first - typical) / (eager - typical))


# 16.3: four slow calls
def calls_to_pay(first, typical, eager, graphs=1):
    if typical >= eager:
        return math.inf
    return math.ceil((first - typical) / (eager - typical))


# 16.1: give six numbers
answer = 6

# 16.1: change together
answer = [1, 1, 1, 1, 1, 1]

# 16.1: never falls
answer = [0, 1, 2, 3, 3, 4]


# 16.2: is not over 1
def scale_whole(images):
    divisor = torch.where(images.max() >= 1, 255.0, 1.0)
    return images / divisor * 2 - 1


# 16.2: for the whole batch
def scale_whole(images):
    divisor = torch.where(images[0].max() > 1, 255.0, 1.0)
    return images / divisor * 2 - 1


# 16.2: images of 0 to 1
def scale_whole(images):
    images = images / torch.where(images.max() > 1, 255.0, 1.0) * 2 - 1


# 16.3: a number of calls
def calls_to_pay(first, typical, eager, graphs=1):
    print(math.ceil(graphs * (first - typical) / (eager - typical)))


# 16.3: round up
def calls_to_pay(first, typical, eager, graphs=1):
    return 5


# 16.3: never pays
def calls_to_pay(first, typical, eager, graphs=1):
    if typical > eager:
        return math.inf
    gain = max(eager - typical, 1e-9)
    return math.ceil(graphs * (first - typical) / gain)


# 16.3: four slow calls
def calls_to_pay(first, typical, eager, graphs=1):
    if typical >= eager:
        return math.inf
    return graphs + math.ceil((first - typical) / (eager - typical)) - 1
