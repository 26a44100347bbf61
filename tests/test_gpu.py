"""What the book's code does on a GPU: the tests that ``make gpu`` runs.

Each runs on the CPU as well where it can, so that mistakes in it are found without a
GPU. Those that need one are skipped where there is none. Nothing is imported but
PyTorch and what ``helpers.command.train`` needs; DALI, IPython and scikit-learn may be
absent. ``tools/gpu.py`` runs them so:

    python -m pytest tests/test_gpu.py --noconftest -o addopts= -o pythonpath=tools
"""

import json

import numpy as np
import pytest
import torch
from PIL import Image
from torch import nn
from torch.optim import SGD, AdamW
from torch.overrides import TorchFunctionMode

from helpers.command import train as train_module
from helpers.data.dali import make_dali_loader
from helpers.data.images import ToNormalised, eval_transform
from helpers.data.loading import ImageFolder, as_tensors, make_loader
from helpers.data.solids import solids_root
from helpers.devices import can_compile, choose_device
from helpers.errors import UserError
from helpers.evaluation.examine import answer, choose_images
from helpers.evaluation.gradcam import grad_cam
from helpers.evaluation.predictions import collect
from helpers.model.checkpoint import load_checkpoint
from helpers.model.compiling import benchmark, graphs, warm_up
from helpers.model.reference import reference_network
from helpers.model.trained import open_trained
from helpers.training.fit import fit
from helpers.training.steps import Stepper
from toys import (
    LOSS,
    call,
    convolutional,
    linear,
    same_weights,
    separable,
    train_options,
)

needs_gpu = pytest.mark.skipif(
    not torch.cuda.is_available(), reason="PyTorch sees no NVIDIA GPU here"
)
MEAN, STD = (0.5, 0.4, 0.3), (0.2, 0.3, 0.4)
# cuDNN multiplies with 11 significant bits by default (TF32), layer after layer.
ROUNDING = 0.03  # of the largest number there is
MILLISECONDS = 20_000_000  # clock cycles of a GPU: about ten


@pytest.fixture(scope="module", params=["cpu", pytest.param("cuda", marks=needs_gpu)])
def device(request):
    return request.param


@pytest.fixture
def _no_earlier_graphs():
    torch._dynamo.reset()
    yield
    torch._dynamo.reset()


def to_cpu(*tensors):
    """Wait for the GPU, and return its tensors on the CPU."""
    if torch.cuda.is_available():
        torch.cuda.synchronize()
    return [tensor.detach().cpu() for tensor in tensors]


def assert_close(found, expected):
    """Compare with what the CPU gave, apart from the rounding of a GPU."""
    (found,) = to_cpu(found)
    assert found.dtype == expected.dtype
    assert found.shape == expected.shape
    largest = expected.abs().max().item()
    assert largest > 0
    torch.testing.assert_close(found, expected, rtol=0, atol=ROUNDING * largest)


def random_bytes(*shape):
    generator = torch.Generator().manual_seed(0)
    return torch.randint(0, 256, shape, dtype=torch.uint8, generator=generator)


def test_the_device_is_chosen_by_name(device):
    assert choose_device(device).type == device
    with pytest.raises(UserError, match="has no device 'cuda:99'"):
        choose_device("cuda:99")


@needs_gpu
def test_the_gpu_is_chosen_where_there_is_one():
    assert choose_device(None).type == "cuda"


# --- batches -----------------------------------------------------------------------


class Moves(TorchFunctionMode):
    """Notes what is moved or converted, and to what."""

    def __init__(self):
        super().__init__()
        self.seen = []

    def __torch_function__(self, func, types, args=(), kwargs=None):
        if func is torch.Tensor.to:
            self.seen.append((args[0].dtype, args[1]))
        return func(*args, **(kwargs or {}))


def test_bytes_are_moved_and_become_floats_there(device):
    images = random_bytes(4, 3, 8, 8)
    there = ToNormalised(MEAN, STD).to(device)
    with Moves() as moves:
        found = there(images)
    expected = ToNormalised(MEAN, STD)(images)
    (dtype, place), *later = moves.seen
    assert dtype == torch.uint8
    assert place.type == device
    assert later == [(torch.uint8, torch.float32)]
    assert found.device.type == device
    torch.testing.assert_close(*to_cpu(found), expected)
    assert torch.equal(images, random_bytes(4, 3, 8, 8))


class Bytes(torch.utils.data.Dataset):
    """Images that are told by their values; nothing in them is random."""

    images = random_bytes(11, 3, 8, 8)

    def __len__(self):
        return 11

    def __getitem__(self, index):
        return self.images[index], index


@pytest.mark.parametrize("train", [True, False])
@pytest.mark.parametrize("workers", [0, 1])
def test_pinned_batches_are_the_same_batches(device, workers, train):
    pin = device == "cuda"
    options = {"train": train, "seed": 3}
    plain = make_loader(Bytes(), 4, normalise=ToNormalised(MEAN, STD), **options)
    pinned = make_loader(Bytes(), 4, pin_memory=pin, workers=workers, **options)
    ours = make_loader(
        Bytes(), 4, pin_memory=pin, workers=workers,
        normalise=ToNormalised(MEAN, STD).to(device), **options,
    )  # fmt: skip
    for _ in range(2):  # epochs
        kept = list(ours)  # read later: nothing may be written over
        raw = list(pinned)
        expected = list(plain)
        assert len(kept) == len(raw) == len(expected) == (2 if train else 3)
        for batch, (images, targets), (normalised, same) in zip(
            kept, raw, expected, strict=True
        ):
            assert images.is_pinned() == targets.is_pinned() == pin
            moved = images.to(device, non_blocking=True)
            assert torch.equal(*to_cpu(moved, images))
            assert torch.equal(images, Bytes.images[targets])
            assert batch[0].device.type == device
            torch.testing.assert_close(*to_cpu(batch[0]), normalised)
            assert torch.equal(batch[1], same)
            assert torch.equal(targets, same)


# --- a trained network -------------------------------------------------------------


@pytest.fixture(scope="module")
def val():
    """The solids' validation split as bytes, and the answers of the CPU."""
    reference = reference_network()
    split = ImageFolder(
        solids_root() / "val", eval_transform(reference.size, None, None)
    )
    return split, answer(reference, split)


def test_the_trained_network_answers_as_on_the_cpu(device, val):
    split, expected = val
    reference = reference_network()
    found = answer(reference, split, device=device)
    assert next(reference.network.parameters()).device.type == device
    for part in found:
        assert part.device.type == "cpu"
        assert not part.is_inference()
    assert torch.equal(found.targets, expected.targets)
    assert (found.classes == expected.classes).float().mean() >= 0.99
    assert found.accuracy >= 0.97
    assert_close(found.logits, expected.logits)


@pytest.mark.parametrize("targets_there", [False, True])
def test_collect_brings_every_answer_to_the_cpu(device, targets_there):
    """Wherever the targets are: DALI's come on the GPU."""
    model = convolutional()
    expected = collect(model, separable())
    model = model.to(device)
    batches = [
        (images, targets.to(device if targets_there else "cpu"))
        for images, targets in separable()
    ]
    found = collect(model, batches, device)
    assert [part.device.type for part in found] == ["cpu", "cpu"]
    assert torch.equal(found.targets, expected.targets)
    assert_close(found.logits, expected.logits)
    assert model.training
    assert int(found.confusion().sum()) == len(found.targets)


def test_class_maps_are_those_of_the_cpu(device):
    """With the classes on the CPU, as a loader gives them."""
    reference = reference_network()
    split = ImageFolder(
        solids_root() / "val",
        eval_transform(reference.size, reference.mean, reference.std),
    )
    images, targets = as_tensors(split, range(0, 300, 50))
    network = reference.network
    expected = grad_cam(network, network.layer4[-1], images, targets)
    network.to(device)
    found = grad_cam(network, network.layer4[-1], images.to(device), targets)
    assert found.device.type == device
    assert_close(found, expected)
    assert all(p.grad is None for p in network.parameters())


# --- training ----------------------------------------------------------------------


@pytest.mark.parametrize("precision", ["float32", "bfloat16", "float16"])
@pytest.mark.parametrize("make", [SGD, lambda p, lr: AdamW(p, lr, fused=True)])
def test_steps_lower_the_loss(device, precision, make):
    slow = device == "cpu" and precision == "float16"
    model = (linear() if slow else convolutional()).to(device)
    before = model[-1].weight.detach().clone()
    ours = Stepper(
        model, make(model.parameters(), 0.05), LOSS,
        device=device, precision=precision, max_norm=10.0,
    )  # fmt: skip
    seen = set()
    model[-1].register_forward_hook(lambda *parts: seen.add(parts[2].dtype))
    (batch,) = separable(batches=1, last=8)  # on the CPU: the stepper moves it
    losses, taken = [], 0
    for _ in range(20):
        taken += ours.step([batch])
        losses += ours.losses
    assert seen == {getattr(torch, precision)}
    assert all(loss.device.type == device for loss in losses)
    first, *_, last = torch.stack(losses).cpu().tolist()
    assert last < 0.9 * first
    # A scale that is too large at first is halved until it is not.
    assert taken == 20 if precision != "float16" else taken >= 10
    assert ours.grad_norm.item() > 0
    for parameter in model.parameters():
        assert parameter.device.type == device
        assert parameter.dtype == torch.float32
    assert not torch.equal(model[-1].weight, before)


@pytest.mark.parametrize("make", [SGD, lambda p, lr: AdamW(p, lr, fused=True)])
def test_an_infinite_loss_skips_the_step_and_the_next_is_taken(device, make):
    class Weight(nn.Module):
        def __init__(self):
            super().__init__()
            self.weight = nn.Parameter(torch.ones(1))

        def forward(self, x):
            return self.weight * x.mean()

    factors = iter([float("inf"), 1.0])
    model = Weight().to(device)
    ours = Stepper(
        model, make(model.parameters(), 0.1), lambda out, _: out.sum() * next(factors),
        device=device, precision="float16",
    )  # fmt: skip
    batch = torch.ones(2, 1), torch.zeros(2)
    assert ours.step([batch]) is False
    assert ours.losses[0].item() == float("inf")
    assert model.weight.item() == 1
    assert ours.scaler.get_scale() == 32768
    assert ours.step([batch]) is True
    assert model.weight.item() < 1
    assert ours.scaler.get_scale() == 32768


# --- the whole program -------------------------------------------------------------


@pytest.fixture(scope="module")
def photos(tmp_path_factory):
    """A folder with two classes of small pictures, a colour each."""
    root = tmp_path_factory.mktemp("data") / "photos"
    generator = np.random.default_rng(0)
    for position, label in enumerate(("cat", "dog")):
        (root / label).mkdir(parents=True)
        for index in range(30):
            pixels = generator.integers(0, 90, (24, 24, 3), dtype=np.uint8)
            pixels[..., position] += 80
            Image.fromarray(pixels).save(root / label / f"{index}.png")
    return root


def train(root, out, device, *more):
    """Train for three epochs in bfloat16, and return what the command printed."""
    options = "--device", device, "--precision", "bfloat16", *more  # the last one wins
    return call(*train_options(root, out, *options, epochs=3))


@pytest.fixture(scope="module")
def runs(photos, device, tmp_path_factory):
    """Two checkpoints: of a whole run, and of one that was stopped and resumed.

    And what the second of the two commands printed.
    """
    pytest.importorskip("sklearn")  # draws the validation images
    folder = tmp_path_factory.mktemp("runs")
    whole, part = folder / "whole.pt", folder / "part.pt"
    assert train(photos, whole, device).exit_code == 0

    class Report(train_module.Report):  # the last callback: the checkpoint is written
        def on_epoch_end(self, run):
            raise KeyboardInterrupt

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(train_module, "Report", Report)
        assert train(photos, part, device).exit_code == 130
    assert load_checkpoint(part)["epoch"] == 1
    done = train(photos, part, device, "--resume")
    assert done.exit_code == 0, done.output
    return whole, part, done.output


def test_a_resumed_run_is_the_run_that_was_not_stopped(runs, device):
    """On the CPU bit for bit; a GPU adds in another order each time."""
    whole, part, printed = runs
    assert "1 of 3 epochs are done" in printed
    assert f"parameters on {device}" in printed
    one, two = load_checkpoint(whole), load_checkpoint(part)
    assert [len(saved["history"]) for saved in (one, two)] == [3, 3]
    if device == "cpu":
        for name, tensor in one["model"].items():
            assert torch.equal(tensor, two["model"][name]), name
    for before, after in zip(one["history"], two["history"], strict=True):
        assert after["lr"] == before["lr"]
        for name in ("train_loss", "val_loss"):
            assert after[name] == pytest.approx(before[name], rel=0.1)
    assert one["history"][-1]["val_loss"] < one["history"][0]["val_loss"]
    assert one["optimizer"]["state"].keys() == two["optimizer"]["state"].keys()
    assert ("device" in two["rng"][0]) == (device == "cuda")  # its generator


def test_a_checkpoint_loads_on_the_cpu(runs, photos, device):
    _, part, _ = runs
    saved = torch.load(part, map_location="cpu", weights_only=True)
    assert all(tensor.device.type == "cpu" for tensor in saved["model"].values())
    trained = open_trained(part)
    assert all(p.device.type == "cpu" for p in trained.network.parameters())
    chosen = choose_images(trained, photos, None, "photos")
    here = answer(trained, chosen.images)
    there = answer(open_trained(part), chosen.images, device=device)
    assert len(here.targets) == 12  # a fifth of each class
    assert_close(there.logits, here.logits)
    last = saved["history"][-1]
    assert here.accuracy == pytest.approx(last["val_accuracy"], abs=1 / 12 + 1e-6)
    assert here.loss == pytest.approx(last["val_loss"], rel=0.05, abs=0.01)


def test_evaluate_answers_on_the_device(runs, photos, device):
    pytest.importorskip("IPython")  # the commands that draw need it
    _, part, _ = runs
    done = call("evaluate", part, photos, "--json", "--device", device)
    assert done.exit_code == 0, done.output
    numbers = json.loads(done.stdout)
    last = load_checkpoint(part)["history"][-1]
    assert numbers["images"] == 12
    assert numbers["accuracy"] == pytest.approx(last["val_accuracy"], abs=1 / 12 + 1e-6)
    assert numbers["loss"] == pytest.approx(last["val_loss"], rel=0.05, abs=0.01)


# --- compiled models ---------------------------------------------------------------


def requests(device, *sizes, seed=0):
    generator = torch.Generator().manual_seed(seed)
    made = [torch.randn(size, 3, 4, 4, generator=generator) for size in sizes]
    return [batch.to(device) for batch in made]


def serve(model, batches):
    """Answer batches as a service would; an error if one of them would compile."""
    model.eval()
    with torch.inference_mode(), torch.compiler.set_stance("fail_on_recompile"):
        return [model(batch) for batch in batches]


@pytest.mark.usefixtures("_no_earlier_graphs")
def test_after_a_warm_up_nothing_compiles(device):
    model = torch.compile(convolutional().to(device), backend="eager")
    examples = [torch.zeros(size, 3, 4, 4, device=device) for size in (5, 3)]
    found = warm_up(model, examples)
    assert found.graphs == 2
    lines = str(found).splitlines()
    assert lines[0] == "2 graphs compiled"
    for line, example in zip(lines[1:], examples, strict=True):
        assert f"float32, contiguous, {example.device}: 1 graph" in line
    assert model.training
    plain, batches = convolutional().to(device), requests(device, 5, 3)
    assert same_weights(model._orig_mod, plain)
    plain.eval()
    with torch.inference_mode():
        expected = to_cpu(*(plain(batch) for batch in batches))
    for found, wanted in zip(serve(model, batches), expected, strict=True):
        assert_close(found, wanted)


def test_a_benchmark_runs_on_the_device(device):
    model = linear().to(device).eval()
    (batch,) = requests(device, 8)
    with torch.inference_mode():
        found = benchmark(model, batch, seconds=0.01)
    assert found.median > 0
    assert found.iqr >= 0


class Sleeps(nn.Module):
    """Keeps the GPU busy; the call itself returns at once."""

    def forward(self, x):
        torch.cuda._sleep(MILLISECONDS)
        return x


@needs_gpu
def test_times_are_those_of_the_gpu_not_of_the_launch():
    batch = torch.zeros(1, 3, 4, 4, device="cuda")
    assert benchmark(Sleeps(), batch, seconds=0.05).median > 1e-3
    (example,) = warm_up(Sleeps(), [batch]).examples
    assert all(seconds > 1e-3 for seconds in example.seconds)


needs_triton = pytest.mark.skipif(
    not (torch.cuda.is_available() and can_compile()),
    reason="needs a GPU, Triton, a C compiler and Python's headers",
)


@pytest.fixture
def fast():
    """A network, compiled with CUDA graphs and warmed up, and itself."""
    torch._dynamo.reset()
    torch.manual_seed(0)
    plain = nn.Sequential(nn.Linear(48, 32), nn.ReLU(), nn.Linear(32, 2))
    plain = plain.to("cuda").eval()
    compiled = torch.compile(plain, mode="reduce-overhead")
    found = warm_up(compiled, [torch.zeros(8, 48, device="cuda")])
    assert found.graphs == 1
    yield compiled, plain
    torch._dynamo.reset()


def flat_batch(seed):
    generator = torch.Generator().manual_seed(seed)
    return torch.randn(8, 48, generator=generator).to("cuda")


@needs_triton
def test_recorded_graphs_answer_as_the_network_does(fast):
    compiled, plain = fast
    before = graphs()
    for seed in range(4):  # made outside of inference mode, like the example
        batch = flat_batch(seed)
        (found,) = serve(compiled, [batch])
        with torch.inference_mode():
            (expected,) = to_cpu(plain(batch))
        assert_close(found, expected)
    assert graphs() == before


@needs_triton
def test_the_next_run_overwrites_an_output_but_no_clone(fast):
    """In silence: a replay returns the same tensor again."""
    compiled, plain = fast
    one, two = flat_batch(1), flat_batch(2)
    with torch.inference_mode():
        (expected,) = to_cpu(plain(one))
        kept = compiled(one)
        cloned = kept.clone()
        later = compiled(two)
        assert torch.equal(*to_cpu(kept, later))
        (wanted,) = to_cpu(plain(two))
    assert_close(cloned, expected)
    assert_close(later, wanted)


@needs_triton
def test_outputs_of_the_first_two_calls_refuse_to_be_read():
    """The ends of the run that warms up, and of the one that records, mark them."""
    torch._dynamo.reset()
    double = torch.compile(lambda x: 2 * x, mode="reduce-overhead")
    x = torch.ones(4, device="cuda")
    kept = double(x)
    for _ in range(2):
        later = double(x)
        with pytest.raises(RuntimeError, match="overwritten"):
            kept.tolist()
        kept = later
    assert double(3 * x).tolist() == kept.tolist() == [6] * 4
    torch._dynamo.reset()


# --- DALI --------------------------------------------------------------------------


def dali(dataset, batch_size, device, **options):
    pytest.importorskip("nvidia.dali", exc_type=ImportError)
    gpu = 0 if device == "cuda" else None
    return make_dali_loader(dataset, batch_size, gpu=gpu, threads=2, **options)


def test_dali_decodes_the_same_pictures(device, val):
    split, _ = val
    reference = reference_network()
    options = {"mean": reference.mean, "std": reference.std}
    loader = dali(split, 64, device, train=False, size=reference.size, **options)
    batches = list(loader)  # read later: nothing may be written over
    assert [len(targets) for _, targets in batches] == [64, 64, 64, 64, 44]
    for images, targets in batches:
        assert images.device.type == targets.device.type == device
        assert (images.dtype, targets.dtype) == (torch.float32, torch.int64)
        assert targets.shape == (len(images),)
    images, targets = (torch.cat(to_cpu(*part)) for part in zip(*batches, strict=True))
    assert targets.tolist() == split.targets
    as_bytes, _ = as_tensors(split)
    expected = ToNormalised(**options)(as_bytes)
    levels = 255 * torch.tensor(reference.std).view(3, 1, 1)  # [3] -> [3, 1, 1]
    assert ((images - expected).abs() * levels).mean() < 3  # grey levels of 255
    answers = collect(reference.network.to(device), loader, device)
    assert torch.equal(answers.targets, targets)
    assert answers.accuracy >= 0.95


def test_training_takes_batches_from_dali(device, photos):
    folder = ImageFolder(photos)
    options = {"size": 4, "mean": MEAN, "std": STD}
    model = convolutional().to(device)
    history = fit(
        model, dali(folder, 8, device, train=True, seed=1, **options),
        dali(folder, 8, device, train=False, **options),
        epochs=2, optimizer=SGD(model.parameters(), 0.1), loss_fn=LOSS,
        device=device, precision="bfloat16", progress=False,
    )  # fmt: skip
    assert len(history) == 2
    assert history[1].train_loss < history[0].train_loss
    assert history[1].val_accuracy > 0.5
