# Wrong answers to the exercises of chapter 13, and what each must be told.

# 13.1: letters from A to F
answer = ""

# 13.1: has emptied the graph
answer = "ABDE"

# 13.1: nothing has emptied
answer = "DE"

# 13.1: a number holds no graph
answer = "BCDE"

# 13.1: retained and referred to
answer = "BE"

# 13.1: which nodes has grad() run
answer = "BD"

# 13.1: has this gradient a graph
answer = "BDEF"


# 13.2: the shape
def maps_of_all_classes(network, images):
    logits, activation = run(network, images)
    eye = torch.eye(6)[:, None].expand(6, len(images), 6)
    (g,) = torch.autograd.grad(logits, activation, eye, is_grads_batched=True)
    return torch.stack([to_map(one, activation) for one in g]).detach()


# 13.2: differ from six
def maps_of_all_classes(network, images):
    logits, activation = run(network, images)
    (gradient,) = torch.autograd.grad(logits.sum(), activation)
    one = to_map(gradient, activation).detach()
    return one[:, None].expand(-1, 6, -1, -1)


# 13.2: raised RuntimeError: Trying to backward
def maps_of_all_classes(network, images):
    logits, activation = run(network, images)
    maps = [
        to_map(torch.autograd.grad(logits[:, k].sum(), activation)[0], activation)
        for k in range(6)
    ]
    return torch.stack(maps, dim=1).detach()


# 13.2: one forward pass
def maps_of_all_classes(network, images):
    maps = []
    for k in range(6):
        logits, activation = run(network, images)
        (gradient,) = torch.autograd.grad(logits[:, k].sum(), activation)
        maps.append(to_map(gradient, activation).detach())
    return torch.stack(maps, dim=1)


# 13.2: leave every .grad
def maps_of_all_classes(network, images):
    logits, activation = run(network, images)
    activation.retain_grad()
    maps = []
    for k in range(6):
        activation.grad = None
        logits[:, k].sum().backward(retain_graph=True)
        maps.append(to_map(activation.grad, activation).detach())
    return torch.stack(maps, dim=1)


# 13.2: still holds a graph
def maps_of_all_classes(network, images):
    logits, activation = run(network, images)
    maps = []
    for k in range(6):
        score = logits[:, k].sum()
        (gradient,) = torch.autograd.grad(score, activation, retain_graph=True)
        maps.append(to_map(gradient, activation))
    return torch.stack(maps, dim=1)


# 13.3: maps and logits are not
def explain_light(network, images):
    logits, activation = run(network, images)
    (gradient,) = torch.autograd.grad(logits[:, 0].sum(), activation)
    return to_map(gradient, activation).detach(), logits.detach()


# 13.3: does not require grad
def explain_light(network, images):
    with torch.no_grad():
        return explain(network, images)


# 13.3: over 5 kB
def explain_light(network, images):
    return explain(network, images)


# 13.3: over 5 kB
def explain_light(network, images):
    kept = []

    def begin(module, inputs, output):
        kept.append(output.detach().requires_grad_())
        return kept[0]

    hook = network.layer4.register_forward_hook(begin)
    logits = network(images)
    hook.remove()
    (gradient,) = torch.autograd.grad(logits.max(1).values.sum(), kept[0])
    return to_map(gradient, kept[0]).detach(), logits.detach()


# 13.3: leave the parameters
def explain_light(network, images):
    kept = []

    def begin(module, inputs, output):
        kept.append(output.detach().requires_grad_())
        return kept[0]

    network.requires_grad_(False)
    hook = network.layer4.register_forward_hook(begin)
    logits = network(images)
    hook.remove()
    (gradient,) = torch.autograd.grad(logits.max(1).values.sum(), kept[0])
    return to_map(gradient, kept[0]).detach(), logits.detach()


# 13.3: a hook is left
def explain_light(network, images):
    kept = []

    def begin(module, inputs, output):
        torch.set_grad_enabled(True)
        kept.append(output.requires_grad_())

    network.layer4.register_forward_hook(begin)
    with torch.no_grad():
        logits = network(images)
    (gradient,) = torch.autograd.grad(logits.max(1).values.sum(), kept[0])
    return to_map(gradient, kept[0]).detach(), logits.detach()


# 13.1: letters from A to F
answer = "bde"

# 13.1: letters from A to F
answer = "B, D, E"


# 13.2: the shape
def maps_of_all_classes(network, images):
    logits, activation = run(network, images)
    maps = torch.zeros(4, 6, 8, 8)
    for k in range(6):
        score = logits[:, k].sum()
        (gradient,) = torch.autograd.grad(score, activation, retain_graph=True)
        maps[: len(images), k] = to_map(gradient, activation).detach()
    return maps


# 13.2: leave every .grad
def maps_of_all_classes(network, images):
    logits, activation = run(network, images)
    activation.retain_grad()
    maps = []
    for k in range(6):
        activation.grad = None
        logits[:, k].sum().backward(retain_graph=True)
        maps.append(to_map(activation.grad, activation).detach())
    network.zero_grad()
    return torch.stack(maps, dim=1)


# 13.2: differ from six
def maps_of_all_classes(network, images):
    logits, activation = run(network, images)
    maps = []
    for k in range(6):
        score = logits[:, k].sum()
        (gradient,) = torch.autograd.grad(score, activation, retain_graph=True)
        weights = gradient.mean((2, 3), keepdim=True)
        maps.append((weights * activation).sum(1).detach())
    return torch.stack(maps, dim=1)


# 13.3: maps and logits
def explain_light(network, images):
    kept = []

    def begin(module, inputs, output):
        torch.set_grad_enabled(True)
        kept.append(output.requires_grad_())

    hook = network.layer4.register_forward_hook(begin)
    with torch.no_grad():
        logits = network(images)
    hook.remove()
    (gradient,) = torch.autograd.grad(logits.max(1).values.sum(), kept[0])
    return to_map(gradient, kept[0]).detach(), logits.max(1).values.detach()


# 13.3: maps and logits
def explain_light(network, images):
    maps, _ = explain(network, images)
    return maps


# 13.3: still switched off
def explain_light(network, images):
    kept = []

    def begin(module, inputs, output):
        torch.set_grad_enabled(True)
        kept.append(output.requires_grad_())

    hook = network.layer4.register_forward_hook(begin)
    torch.set_grad_enabled(False)
    logits = network(images)
    hook.remove()
    (gradient,) = torch.autograd.grad(logits.max(1).values.sum(), kept[0])
    torch.set_grad_enabled(False)
    return to_map(gradient, kept[0]).detach(), logits.detach()


# 13.3: maps and logits
def explain_light(network, images):
    maps, _ = explain(network, images)
    return (maps,)
