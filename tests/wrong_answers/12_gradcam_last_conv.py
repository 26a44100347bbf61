# Wrong answers to the exercises of chapter 12, and what each must be told.

# 12.1: give a set of names
changed = 2


# 12.1: BatchNorm makes a new tensor
changed = {"conv1", "bn1", "conv2", "bn2", "relu"}


# 12.1: the next layer only reads
changed = {"bn1", "bn2", "relu"}


# 12.1: look at the sum
changed = {"bn1"}


# 12.1: relu is used twice
changed = {"bn2"}


# 12.2: add the channels up
def hires_cam(network, layer, images, classes):
    kept = []
    hook = layer.register_forward_hook(lambda m, i, o: kept.append(o))
    logits = network(images)
    hook.remove()
    score = logits.gather(1, classes[:, None]).sum()
    (gradient,) = torch.autograd.grad(score, kept[0])
    return (gradient * kept[0]).relu().detach()


# 12.2: where is the ReLU
def hires_cam(network, layer, images, classes):
    kept = []
    hook = layer.register_forward_hook(lambda m, i, o: kept.append(o))
    logits = network(images)
    hook.remove()
    score = logits.gather(1, classes[:, None]).sum()
    (gradient,) = torch.autograd.grad(score, kept[0])
    return (gradient * kept[0]).sum(1).detach()


# 12.2: not the sum of gradient times activation
def hires_cam(network, layer, images, classes):
    kept = []
    hook = layer.register_forward_hook(lambda m, i, o: kept.append(o))
    logits = network(images)
    hook.remove()
    score = logits.gather(1, classes[:, None]).sum()
    (gradient,) = torch.autograd.grad(score, kept[0])
    return (gradient * kept[0]).mean(1).relu().detach()


# 12.2: do not average the gradient
def hires_cam(network, layer, images, classes):
    return grad_cam(network, layer, images, classes)


# 12.2: a hook is left
def hires_cam(network, layer, images, classes):
    kept = []
    layer.register_forward_hook(lambda m, i, o: kept.append(o))
    score = network(images).gather(1, classes[:, None]).sum()
    (gradient,) = torch.autograd.grad(score, kept[0])
    return (gradient * kept[0]).sum(1).relu().detach()


# 12.2: use torch.autograd.grad
def hires_cam(network, layer, images, classes):
    kept = []
    hook = layer.register_forward_hook(lambda m, i, o: kept.append(o))
    score = network(images).gather(1, classes[:, None]).sum()
    hook.remove()
    kept[0].retain_grad()
    score.backward()
    return (kept[0].grad * kept[0]).sum(1).relu().detach()


# 12.3: logits [N, 6]
def other_head(network):
    network.avgpool = nn.Identity()
    return network


# 12.3: logits [N, 6]
def other_head(network):
    network.avgpool = nn.AdaptiveMaxPool2d(1)


# 12.3: layer4 must stay as it is
def other_head(network):
    network.layer4 = nn.Sequential(*network.layer4, nn.BatchNorm2d(192))
    return network


# 12.3: still the same at every place
def other_head(network):
    network.fc = nn.Sequential(nn.Linear(192, 50), nn.ReLU(), nn.Linear(50, 6))
    return network


# 12.3: still the same at every place
def other_head(network):
    network.fc = nn.Sequential(network.fc, nn.LogSoftmax(1))
    return network


# 12.1: give a set of names
changed = "bn1, bn2"


# 12.1: look at the sum
changed = set()


# 12.2: explain the classes given
def hires_cam(network, layer, images, classes):
    kept = []
    hook = layer.register_forward_hook(lambda m, i, o: kept.append(o))
    score = network(images).max(1).values.sum()
    hook.remove()
    (gradient,) = torch.autograd.grad(score, kept[0])
    return (gradient * kept[0]).sum(1).relu().detach()


# 12.2: not the sum of gradient times activation
def hires_cam(network, layer, images, classes):
    kept = []
    hook = layer.register_forward_hook(lambda m, i, o: kept.append(o))
    score = network(images).gather(1, classes[:, None]).sum()
    hook.remove()
    (gradient,) = torch.autograd.grad(score, kept[0])
    return (gradient * kept[0]).relu().sum(1).detach()


# 12.2: add the channels up
def hires_cam(network, layer, images, classes):
    print(grad_cam(network, layer, images, classes).shape)


# 12.3: layer4 must stay as it is
def other_head(network):
    network.layer4 = copy.deepcopy(network.layer4)
    for p in network.layer4.parameters():
        nn.init.normal_(p, std=0.1)
    network.avgpool = nn.AdaptiveMaxPool2d(1)
    return network


# 12.3: layer4 must stay as it is
def other_head(network):
    fresh = ResNet(6)
    fresh.avgpool = nn.AdaptiveMaxPool2d(1)
    return fresh


# 12.3: still the same at every place
def other_head(network):
    network.avgpool = nn.Sequential(
        nn.AdaptiveAvgPool2d(1), nn.Conv2d(192, 192, 1), nn.ReLU()
    )
    return network


# 12.3: logits [N, 6]
def other_head(network):
    network.avgpool = nn.AdaptiveMaxPool2d(1)
    network.fc = nn.Linear(192, 1000)
    return network
