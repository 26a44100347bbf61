"""NOTE101 knows which of torch's layers do something else in training.

The checker reads no torch. Here its list is held against the installed one: by the
source of every layer, and by what layers answer in both modes.
"""

import ast
import inspect
import re
from pathlib import Path

import pytest
import torch
import torch.nn.functional as F
from torch import nn

from review import names
from review.checker import Folder, check_tree
from review.source import Source

LAYERS = {
    name: made
    for name, made in vars(nn).items()
    if isinstance(made, type) and issubclass(made, nn.Module)
}
# It reads the mode to choose between two ways of computing the same.
SAME_EITHER_WAY = {"TransformerEncoder"}

PROGRAM = """
import torch
import torch.nn.functional as F
import timm, torchvision
from torch import nn

class Net(nn.Module):
    def __init__(self, rate=0.0, layers=1):
        super().__init__()
        self.layer = {layer}
        self.head = nn.Linear(4, 2)

    def forward(self, x):
        return self.head({forward})

def main(loader, val_loader):
    model = {model}
    optimizer = torch.optim.SGD(model.parameters(), 0.1)
    for epoch in range(3):
        for x, y in loader:
            optimizer.zero_grad()
            F.cross_entropy(model(x), y).backward()
            optimizer.step()
        with torch.no_grad():
            for x, y in val_loader:
                print(F.cross_entropy(model(x), y))
"""


def is_found(layer="nn.Identity()", forward="self.layer(x)", model="Net()") -> bool:
    """Whether the rule finds that a network is evaluated in training mode."""
    text = PROGRAM.format(layer=layer, forward=forward, model=model)
    source = Source(Path("a.py"), text)
    found = check_tree(source, ast.parse(text), Folder(None), ["NOTE101"])
    assert len(found) < 2
    return bool(found)


def reads_its_mode(layer: type) -> bool:
    """Whether the source of a layer, or of one that it makes, asks for its mode."""
    for cls in layer.__mro__:
        if cls is nn.Module or not issubclass(cls, nn.Module):
            continue
        if re.search(r"\bself\.training\b", inspect.getsource(cls)):
            return True
        made = re.findall(r"\b([A-Z]\w+)\(", inspect.getsource(cls.__init__))
        if any(reads_its_mode(LAYERS[name]) for name in made if name in LAYERS):
            return True
    return False


def test_the_list_has_the_layers_of_torch_that_read_their_mode():
    assert len(LAYERS) > 150
    found = {name for name, layer in LAYERS.items() if reads_its_mode(layer)}
    listed = {n.removeprefix("torch.nn.") for n in names.MODED}
    assert found - SAME_EITHER_WAY == {n for n in listed if "." not in n}


def test_the_list_has_the_functions_of_torch_that_are_told_the_mode():
    found = {
        f"torch.nn.functional.{name}"
        for name, function in vars(F).items()
        if inspect.isfunction(function)
        and not name.startswith("_")
        and "training" in inspect.signature(function).parameters
    }
    assert found == {n for n in names.MODED if n.startswith("torch.nn.functional.")}


def signature(name: str) -> dict[str, inspect.Parameter]:
    """The parameters of a layer or function of torch, in order."""
    made = eval(name, {"torch": torch})
    if not issubclass(made if isinstance(made, type) else int, nn.RNNBase):
        return dict(inspect.signature(made).parameters)
    # The three pass on *args: an RNN's nonlinearity comes before bias.
    _, _, *taken = inspect.signature(nn.RNNBase.__init__).parameters.items()
    if made is nn.RNN:
        taken.insert(3, ("nonlinearity", taken[0][1]))
    return dict(taken)


def test_arguments_have_the_place_and_the_default_of_torch():
    for name, switches in names.MODED.items():
        parameters = signature(name)
        for position, keyword, default, _ in switches:
            assert list(parameters)[position] == keyword, name
            given = parameters[keyword].default
            assert given in (default, inspect.Parameter.empty), name


BUILT = [
    *("nn.Dropout()", "nn.Dropout(0.0)", "nn.Dropout(p=0)", "nn.Dropout1d(0.9)"),
    *("nn.AlphaDropout(0.9)", "nn.FeatureAlphaDropout(0.9)", "nn.RReLU()"),
    *("nn.BatchNorm1d(4)", "nn.BatchNorm1d(4, track_running_stats=False)"),
    *("nn.BatchNorm1d(4, 1e-5, 0.1, True, False)", "nn.LazyBatchNorm1d()"),
    *("nn.InstanceNorm1d(4)", "nn.InstanceNorm1d(4, track_running_stats=True)"),
    *("nn.LazyInstanceNorm1d()", "nn.LayerNorm(4)", "nn.GroupNorm(2, 4)"),
    *("nn.RNN(4, 4)", "nn.RNN(4, 4, 2, 'tanh', True, False, 0.9)"),
    *("nn.LSTM(4, 4)", "nn.LSTM(4, 4, 2)", "nn.LSTM(4, 4, 2, dropout=0.9)"),
    *("nn.LSTM(4, 4, dropout=0.9)", "nn.GRU(4, 4, 3, True, True, 0.9)"),
    *("nn.GRU(4, 4, num_layers=layers, dropout=0.9)", "nn.PReLU()", "nn.Softplus()"),
    *("nn.MultiheadAttention(4, 2)", "nn.MultiheadAttention(4, 2, dropout=0.9)"),
    *("nn.TransformerEncoderLayer(4, 2)", "nn.TransformerEncoderLayer(4, 2, 8, 0.0)"),
    "nn.TransformerEncoder(nn.TransformerEncoderLayer(4, 2, dropout=0.9), 1)",
    "nn.TransformerEncoder(nn.TransformerEncoderLayer(4, 2, dropout=0.0), 1)",
    *("nn.Transformer(4, 2, 1, 1, 8)", "nn.Transformer(4, 2, 1, 1, 8, 0.0)"),
    *("nn.TransformerDecoderLayer(4, 2, 8)", "nn.Upsample(size=4)", "nn.Mish()"),
    "nn.Sequential(nn.Linear(4, 4), nn.Hardswish(), nn.Dropout(rate))",
    "nn.Sequential(nn.Linear(4, 4), nn.PReLU(), nn.AvgPool1d(1), nn.CELU())",
    *("nn.utils.parametrizations.weight_norm(nn.Linear(4, 4))", "nn.LPPool1d(2, 1)"),
    "nn.utils.parametrizations.spectral_norm(nn.Linear(4, 4))",
]  # fmt: skip


@pytest.mark.filterwarnings("ignore::UserWarning")  # of layers that drop out nothing
def test_a_layer_is_found_if_it_answers_otherwise_in_training():
    wrong = []
    for text in BUILT:
        torch.manual_seed(0)
        layer = eval(text, {"nn": nn, "rate": 0.0, "layers": 1})
        x = torch.randn(4, 4, 4)
        given = {nn.MultiheadAttention: 3, nn.Transformer: 2,
                 nn.TransformerDecoderLayer: 2}.get(type(layer), 1)  # fmt: skip
        with torch.no_grad():
            layer(*[x] * given)  # a lazy layer gets its size
            before = [b.clone() for b in layer.buffers()]
            answers = []
            for mode in (False, True):
                torch.manual_seed(1)
                answer = layer.train(mode)(*[x] * given)
                answers.append(answer[0] if isinstance(answer, tuple) else answer)
        moved = any(
            not torch.equal(*two) for two in zip(before, layer.buffers(), strict=True)
        )
        differs = not torch.allclose(*answers, atol=1e-5) or moved
        if is_found(text) != differs:
            wrong.append(f"{text}: differs {differs}")
    assert wrong == []


def test_a_network_that_reads_its_mode_has_modes():
    assert is_found(forward="F.dropout(x, 0.5, self.training)")
    assert is_found(forward="x + torch.randn_like(x) if self.training else x")
    assert is_found(forward="F.dropout(x)")
    assert not is_found(forward="F.dropout(x, 0.0)")
    assert not is_found(forward="F.rrelu(x) + F.pixel_shuffle(x, 1)")
    assert not is_found(forward="F.batch_norm(x, None, None, training=False)")


def test_what_a_constructor_is_given_decides():
    dropout = "nn.Dropout(rate)"
    assert not is_found(dropout)
    assert not is_found(dropout, model="Net(0.0)")
    assert is_found(dropout, model="Net(0.5)")
    assert is_found(dropout, model="Net(**loader.options)")
    layers = "nn.LSTM(4, 4, layers, dropout=rate)"
    assert not is_found(layers, model="Net(0.5, 1)")
    assert is_found(layers, model="Net(0.5, layers=2)")


def test_a_network_of_another_library_may_have_modes():
    for made in (
        "torchvision.models.resnet18()",
        "torchvision.ops.StochasticDepth(0.1, 'row')",
        "timm.create_model('resnet18')",
        "timm.layers.DropPath(0.1)",
    ):
        assert is_found(made), made
    assert is_found(model="torchvision.models.resnet18()")
    assert not is_found("torchvision.transforms.v2.RandomRotation(3)")
