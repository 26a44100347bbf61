# Wrong answers to the exercises of chapter 10, and what each must be told.

# 10.1: a list of three numbers
answer = [128]

# 10.1: only whole batches of 32
answer = [150, 150, 150]

# 10.1: as many whole batches as fit
answer = [160, 152, 148]

# 10.1: all four processes together
answer = [128, 38, 37]

# 10.1: a multiple of 4
answer = [128, 150, 148]

# 10.1: none is left out
answer = [128, 148, 148]

# 10.1: none is repeated
answer = [128, 152, 152]


# 10.2: both classes found
def macro_recall(batches, classes):
    hits = there = 0
    for predictions, targets in batches:
        hits += (predictions == targets).sum().item()
        there += 1
    return hits / there


# 10.2: accuracy is not asked
def macro_recall(batches, classes):
    hits = there = 0
    for predictions, targets in batches:
        hits += (predictions == targets).sum().item()
        there += len(targets)
    return hits / there


# 10.2: precision is not asked
def macro_recall(batches, classes):
    found, named = torch.zeros(classes), torch.zeros(classes)
    for predictions, targets in batches:
        hits = targets[predictions == targets]
        found += torch.bincount(hits, minlength=classes)
        named += torch.bincount(predictions, minlength=classes)
    return (found / named.clamp_min(1)).mean().item()


# 10.2: add counts, divide once
def macro_recall(batches, classes):
    recalls = []
    for predictions, targets in batches:
        for c in targets.unique():
            mine = targets == c
            recalls.append((predictions[mine] == c).float().mean())
    return torch.stack(recalls).mean().item()


# 10.2: nor makes NaN
def macro_recall(batches, classes):
    found, there = torch.zeros(classes), torch.zeros(classes)
    for predictions, targets in batches:
        hits = targets[predictions == targets]
        found += torch.bincount(hits, minlength=classes)
        there += torch.bincount(targets, minlength=classes)
    return (found / there).mean().item()


# 10.2: nor makes NaN
def macro_recall(batches, classes):
    found, there = torch.zeros(classes), torch.zeros(classes)
    for predictions, targets in batches:
        hits = targets[predictions == targets]
        found += torch.bincount(hits, minlength=classes)
        there += torch.bincount(targets, minlength=classes)
    return (found / there.clamp_min(1)).mean().item()


# 10.3: inside, all are
@contextmanager
def evaluation_mode(network):
    with torch.inference_mode():
        yield


# 10.3: what was training is training
@contextmanager
def evaluation_mode(network):
    network.eval()
    yield


# 10.3: evaluating stays so
@contextmanager
def evaluation_mode(network):
    network.eval()
    yield
    network.train()


# 10.3: has woken up
@contextmanager
def evaluation_mode(network):
    training = network.training
    network.eval()
    try:
        yield
    finally:
        network.train(training)


# 10.3: after an error
@contextmanager
def evaluation_mode(network):
    modes = {module: module.training for module in network.modules()}
    network.eval()
    yield
    for module, training in modes.items():
        module.training = training


# 10.1: a list of three numbers
answer = 128

# 10.1: a multiple of 4
answer = [128, 150, 150]

# 10.1: none is repeated
answer = [128, 152, 144]


# 10.2: takes minlength
def macro_recall(batches, classes):
    found, there = 0, 0
    for predictions, targets in batches:
        found = found + torch.bincount(targets[predictions == targets])
        there = there + torch.bincount(targets)
    return (found[there > 0] / there[there > 0]).mean().item()


# 10.2: three of four
def macro_recall(batches, classes):
    return 1.0


# 10.2: both classes found
def macro_recall(batches, classes):
    found, there = torch.zeros(classes), torch.zeros(classes)
    for predictions, targets in batches:
        found += torch.bincount(targets[predictions == targets], minlength=classes)
        there += torch.bincount(targets, minlength=classes)
    return found / there.clamp_min(1)


# 10.2: add counts, divide once
def macro_recall(batches, classes):
    batches = list(batches)
    for predictions, targets in batches[-1:]:
        present = targets.unique()
        recalls = [(predictions[targets == c] == c).float().mean() for c in present]
    return sum(recalls) / len(recalls)


# 10.3: inside, all are
@contextmanager
def evaluation_mode(network):
    modes = {module: module.training for module in network.modules()}
    network.training = False
    try:
        yield
    finally:
        for module, training in modes.items():
            module.training = training


# 10.3: what was training is training
@contextmanager
def evaluation_mode(network):
    network.eval()
    modes = {module: module.training for module in network.modules()}
    try:
        yield
    finally:
        for module, training in modes.items():
            module.training = training


# 10.3: do not swallow
@contextmanager
def evaluation_mode(network):
    modes = {module: module.training for module in network.modules()}
    network.eval()
    try:
        yield
    except Exception:
        print("evaluation failed")
    for module, training in modes.items():
        module.training = training


# 10.3: has woken up
@contextmanager
def evaluation_mode(network):
    modes = {child: child.training for child in network.children()}
    network.eval()
    try:
        yield
    finally:
        network.train(modes[network[0]])
