# Wrong answers to the exercises of the interlude, and what each must be told.

# C.1: that isn't a list of five names
answer = ["gradients", "clipped"]

# C.1: job 1
answer = ["clipped", "clipped", "step_end", "epoch_end", "fit_end"]

# C.1: job 2
answer = ["gradients", "gradients", "step_end", "epoch_end", "fit_end"]

# C.1: job 3
answer = ["gradients", "clipped", "clipped", "epoch_end", "fit_end"]

# C.1: job 4
answer = ["gradients", "clipped", "step_end", "epoch_start", "fit_end"]

# C.1: job 5
answer = ["gradients", "clipped", "step_end", "epoch_end", "epoch_end"]


# C.2: not those of evaluation mode
@torch.no_grad()
def look(model, x):
    return model(x)


# C.2: hold a graph
def look(model, x):
    modes = {module: module.training for module in model.modules()}
    logits = model.eval()(x)
    for module, training in modes.items():
        module.training = training
    return logits


# C.2: left in another mode
@torch.no_grad()
def look(model, x):
    return model.eval()(x)


# C.2: a frozen layer has thawed
@torch.no_grad()
def look(model, x):
    logits = model.eval()(x)
    model.train()
    return logits


# C.2: a frozen layer has thawed
@torch.no_grad()
def look(model, x):
    training = model.training
    try:
        return model.eval()(x)
    finally:
        model.train(training)


# C.2: after a failed forward pass
@torch.no_grad()
def look(model, x):
    modes = {module: module.training for module in model.modules()}
    logits = model.eval()(x)
    for module, training in modes.items():
        module.training = training
    return logits


# C.3: isn't a list with a tensor for each parameter
class Average:
    def fit_start(self, model):
        self.mean = [p.detach().clone() for p in model.parameters()][:1]


# C.3: trains differently
class Average:
    def fit_start(self, model):
        self.mean = [p.detach() for p in model.parameters()]

    def step_end(self, model):
        for mean, p in zip(self.mean, model.parameters()):
            mean.mul_(0.9).add_(0.1 * p.detach())


# C.3: just the last weights
class Average:
    def fit_start(self, model):
        self.mean = [p.detach() for p in model.parameters()]


# C.3: the mean is wrong
class Average:
    def fit_start(self, model):
        self.mean = [p.detach().clone() for p in model.parameters()]

    def clipped(self, model):
        for mean, p in zip(self.mean, model.parameters()):
            mean.lerp_(p.detach(), 0.1)


# C.3: the mean is wrong
class Average:
    def fit_start(self, model):
        self.mean = [p.detach().clone() for p in model.parameters()]

    def step_end(self, model):
        for mean, p in zip(self.mean, model.parameters()):
            mean.lerp_(p.detach(), 0.9)


# C.3: the mean is wrong
class Average:
    def fit_start(self, model):
        self.mean = [p.detach().clone() for p in model.parameters()]

    def epoch_end(self, model):
        for mean, p in zip(self.mean, model.parameters()):
            mean.lerp_(p.detach(), 0.1)


# C.3: holds a graph
class Average:
    def fit_start(self, model):
        self.mean = [p.clone() for p in model.parameters()]

    def step_end(self, model):
        pairs = zip(self.mean, model.parameters())
        self.mean = [0.9 * mean + 0.1 * p.clone() for mean, p in pairs]
