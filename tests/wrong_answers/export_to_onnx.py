# Wrong answers to the exercises of the interlude, and what each must be told.

# E.1: answer with two numbers
answers_to_1 = (1.24,)


# E.1: above the largest value
answers_to_1 = (1.234, 5.0)


# E.1: not the level
answers_to_1 = (112, 255)


# E.1: level 255 stands for
answers_to_1 = (1.24, 5.1)


# E.1: round it, then multiply
answers_to_1 = (1.22, 4.1)


# E.2: solids_int8.onnx has no fault
def faults(path, opset):
    kinds = look(path).kinds
    return {"float"} if kinds["FLOAT"] else set()


# E.2: solids.onnx is float32
def faults(path, opset):
    found, wrong = look(path), set()
    if found.opset != opset:
        wrong.add("opset")
    if isinstance(found.batch, int):
        wrong.add("batch")
    return wrong


# E.2: asked for 17
def faults(path, opset):
    found, wrong = look(path), set()
    if found.opset < opset:
        wrong.add("opset")
    if found.kinds["INT8"] < sum(found.kinds.values()) / 2:
        wrong.add("float")
    return wrong


# E.2: ONNX's own is the empty string
def faults(path, opset):
    found, wrong = look(path), set()
    file = onnx.load(path, load_external_data=False)
    if file.opset_import[0].version != opset:
        wrong.add("opset")
    if found.kinds["INT8"] < sum(found.kinds.values()) / 2:
        wrong.add("float")
    return wrong


# E.2: fixed.onnx was exported for batches of one
def faults(path, opset):
    found, wrong = look(path), set()
    if found.opset != opset:
        wrong.add("opset")
    if found.kinds["INT8"] < sum(found.kinds.values()) / 2:
        wrong.add("float")
    return wrong


# E.2: see where they are
def faults(path, opset):
    found, wrong = look(path), set()
    if found.opset != opset:
        wrong.add("opset")
    if isinstance(found.batch, int):
        wrong.add("batch")
    if found.kinds["INT8"] < sum(found.kinds.values()) / 2:
        wrong.add("float")
    file = onnx.load(path)
    if any(tensor.data_location for tensor in file.graph.initializer):
        wrong.add("outside")
    return wrong


# E.3: not [N, 6]
class Pixels(nn.Module):
    def __init__(self, network, mean, std):
        super().__init__()
        self.register_buffer("mean", torch.tensor(mean).view(3, 1, 1))
        self.register_buffer("std", torch.tensor(std).view(3, 1, 1))

    def forward(self, x):
        return (x / 255 - self.mean) / self.std


# E.3: other logits: scale
class Pixels(nn.Module):
    def __init__(self, network, mean, std):
        super().__init__()
        self.network = network
        self.register_buffer("mean", torch.tensor(mean).view(3, 1, 1))
        self.register_buffer("std", torch.tensor(std).view(3, 1, 1))

    def forward(self, x):
        return self.network((x.float() - self.mean) / self.std)


# E.3: no parameters
class Pixels(nn.Module):
    def __init__(self, network, mean, std):
        super().__init__()
        self.network = network
        self.mean = nn.Parameter(torch.tensor(mean).view(3, 1, 1))
        self.std = nn.Parameter(torch.tensor(std).view(3, 1, 1))

    def forward(self, x):
        return self.network((x / 255 - self.mean) / self.std)


# E.3: register them as buffers
class Pixels(nn.Module):
    def __init__(self, network, mean, std):
        super().__init__()
        self.network = network
        self.mean = torch.tensor(mean).view(3, 1, 1)
        self.std = torch.tensor(std).view(3, 1, 1)

    def forward(self, x):
        return self.network((x / 255 - self.mean) / self.std)


# E.3: it does not export
class Pixels(nn.Module):
    def __init__(self, network, mean, std):
        super().__init__()
        self.network = network
        self.register_buffer("mean", torch.tensor(mean).view(3, 1, 1))
        self.register_buffer("std", torch.tensor(std).view(3, 1, 1))

    def forward(self, x):
        if x.max() > 1:  # a way that no graph can take
            x = x / 255
        return self.network((x - self.mean) / self.std)


# E.1: not the level
answers_to_1 = (62, 205)


# E.1: round it, then multiply
answers_to_1 = (1.234, 4.1)


# E.2: asked for 19
def faults(path, opset):
    found, wrong = look(path), set()
    if found.opset > opset:
        wrong.add("opset")
    if isinstance(found.batch, int):
        wrong.add("batch")
    if found.kinds["INT8"] < sum(found.kinds.values()) / 2:
        wrong.add("float")
    return wrong


# E.2: has no fault at opset 18
def faults(path, opset):
    return {"opset", "batch", "outside", "float"}


# E.2: has no fault at opset 18
def faults(path, opset):
    found = look(path)
    print({"opset"} if found.opset != opset else set())


# E.3: not [N, 6]
class Pixels(nn.Module):
    def __init__(self, network, mean, std):
        super().__init__()
        self.network = network
        self.register_buffer("mean", torch.tensor(mean))
        self.register_buffer("std", torch.tensor(std))

    def forward(self, x):
        return self.network((x / 255 - self.mean) / self.std)


# E.3: other logits
class Pixels(nn.Module):
    def __init__(self, network, mean, std):
        super().__init__()
        self.network = network
        self.register_buffer("mean", torch.tensor(mean).view(3, 1, 1))
        self.register_buffer("std", torch.tensor(std).view(3, 1, 1))

    def forward(self, x):
        return self.network((x / 255 - self.mean) / self.std).softmax(1)
