# Right answers to the exercises of the interlude, other than its own.

# C.1
answer = ("gradients", "clipped", "step_end", "epoch_end", "fit_end")

# C.1
answer = "gradients clipped step_end epoch_end fit_end".split()


# C.2
def look(model, x):
    import copy

    with torch.inference_mode():
        return copy.deepcopy(model).eval()(x)


# C.2
def look(model, x):
    training = [m for m in model.modules() if m.training]
    model.eval()
    try:
        logits = model(x).detach()
    finally:
        for module in training:
            module.training = True
    return logits


# C.3
class Average:
    def fit_start(self, model):
        import copy

        self.mean = list(copy.deepcopy(model).requires_grad_(False).parameters())

    def step_end(self, model):
        for k, p in enumerate(model.parameters()):
            self.mean[k] = 0.9 * self.mean[k] + 0.1 * p.detach()


# C.3
class Average:
    def __init__(self):
        self.model = None

    def fit_start(self, model):
        from torch.optim.swa_utils import AveragedModel, get_ema_multi_avg_fn

        self.model = AveragedModel(model, multi_avg_fn=get_ema_multi_avg_fn(0.9))
        self.model.update_parameters(model)  # the first call copies

    def step_end(self, model):
        self.model.update_parameters(model)

    @property
    def mean(self):
        return [p.detach() for p in self.model.module.parameters()]
