"""Compiled models: what a warm-up compiles, says and leaves alone.

The backend ``"eager"`` runs the traced graph as it is: tracing and guards are the
real ones, and no C++ compiler is needed.
"""

import re
from contextlib import nullcontext

import pytest
import torch
from torch import nn

from helpers.model import compiling
from helpers.model.compiling import BLOCKS, Warmed, WarmUp, benchmark, graphs, warm_up
from toys import convolutional, same_weights

SIZES = (5, 3)


@pytest.fixture(autouse=True)
def _no_earlier_graphs():
    torch._dynamo.reset()
    yield
    torch._dynamo.reset()


def batches(*sizes):
    """Return one batch of zeros for each size; guards look at no value."""
    return [torch.zeros(size, 3, 4, 4) for size in sizes or SIZES]


def traffic(*sizes, seed=0):
    """Return what comes later: the same sizes, and other values."""
    generator = torch.Generator().manual_seed(seed)
    return [torch.randn(size, 3, 4, 4, generator=generator) for size in sizes or SIZES]


def compiled(*before_linear, **options):
    model = convolutional(*before_linear)
    return torch.compile(model, backend="eager", **options)


def serve(model, requests, context=torch.inference_mode):
    """Answer requests as a service would; an error if one of them would compile."""
    model.eval()
    with context(), torch.compiler.set_stance("fail_on_recompile"):
        return [model(request) for request in requests]


def would_compile(model, request, context=torch.inference_mode):
    """Whether a request would wait for the compiler."""
    try:
        serve(model, [request], context)
    except RuntimeError as error:
        if "fail_on_recompile" in str(error):
            return True
        raise
    return False


class Breaks(nn.Module):
    """Makes the trace fall into two pieces, and can be traced again behind it."""

    def forward(self, x):
        x = x + 1
        torch._dynamo.graph_break()
        return 2 * x


class BreaksForGood(nn.Module):
    """Makes PyTorch give the whole call up: there is no way into a generator."""

    def forward(self, x):
        return next(self.made(x))

    def made(self, x):
        torch._dynamo.graph_break()
        yield x + 1


class Flat(nn.Module):
    """A model with a ``forward`` of its own, as most have."""

    def __init__(self):
        super().__init__()
        self.layer = nn.Linear(48, 2)

    def forward(self, x):
        return self.layer(x.flatten(1))


# --- what is compiled --------------------------------------------------------------


def test_each_new_size_is_a_graph_and_then_nothing_compiles():
    model = compiled()
    found = warm_up(model, batches())
    assert found.graphs == 2
    assert [example.graphs for example in found.examples] == [1, 1]
    assert [example.breaks for example in found.examples] == [0, 0]
    assert found.limit is None
    plain = convolutional().eval()
    requests = traffic() + traffic(seed=1)
    for request, answer in zip(requests, serve(model, requests), strict=True):
        torch.testing.assert_close(answer, plain(request))


def test_a_second_warm_up_finds_nothing_to_do():
    model = compiled()
    warm_up(model, batches())
    before = graphs()
    assert warm_up(model, batches()).graphs == 0
    assert graphs() == before


def test_an_unknown_size_still_compiles():
    """Sizes 0 and 1 are special, so no graph with a free size serves one picture."""
    model = compiled()
    warm_up(model, batches())
    (one,) = traffic(1)
    assert would_compile(model, one)
    before = graphs()
    with torch.inference_mode():
        model.eval()(one)
    assert graphs() == before + 1
    assert not would_compile(model, one)


def test_without_a_warm_up_the_first_request_compiles():
    """Else the tests above would show nothing."""
    assert would_compile(compiled(), *traffic(5))


@pytest.mark.parametrize(
    ("warm", "other"),
    [
        (torch.inference_mode, torch.no_grad),
        (torch.no_grad, torch.inference_mode),
        (torch.enable_grad, torch.no_grad),
    ],
)
def test_the_gradient_mode_asked_for_is_the_one_that_is_warm(warm, other):
    model = compiled()
    warm_up(model, batches(5), context=warm)
    (request,) = traffic(5)
    assert not would_compile(model, request, warm)
    assert would_compile(model, request, other)


def test_inference_mode_is_the_default():
    model = compiled()
    warm_up(model, batches(5))
    assert not would_compile(model, *traffic(5), torch.inference_mode)


def test_a_model_compiled_in_place():
    model = Flat()
    model.compile(backend="eager")
    assert warm_up(model, batches()).graphs == 2
    assert len(serve(model, traffic())) == 2


def test_each_example_is_called_as_often_as_asked_for():
    sizes = []
    model = convolutional()
    model.register_forward_hook(lambda _, inputs, __: sizes.append(len(inputs[0])))
    warm_up(model, batches(), calls=2)
    assert sizes == [5, 5, 3, 3]
    sizes.clear()
    warm_up(model, (batch for batch in batches()))  # a generator will do
    assert sizes == [5, 5, 5, 3, 3, 3]


# --- what is left alone ------------------------------------------------------------


def two_norms():
    return convolutional(nn.BatchNorm2d(4))


def frozen(model):
    """Put a model into training mode, all but its first BatchNorm; return all modes."""
    model.train()
    first, _ = (m for m in model.modules() if isinstance(m, nn.BatchNorm2d))
    first.eval()
    return [module.training for module in model.modules()]


@pytest.mark.parametrize("compile_it", [True, False])
def test_statistics_and_modes_stay_as_they_were(compile_it):
    network = two_norms()
    model = torch.compile(network, backend="eager") if compile_it else network
    modes = frozen(model)
    assert set(modes) == {True, False}
    warm_up(model, traffic())
    assert [module.training for module in model.modules()] == modes
    assert same_weights(network, two_norms())


def test_in_training_mode_they_would_not():
    """Else the test above would hold for any warm-up."""
    network = two_norms()
    frozen(network)
    with torch.no_grad():
        network(*traffic(5))
    assert not same_weights(network, two_norms())


def test_a_model_that_raises_keeps_them_too():
    network = two_norms()
    model = torch.compile(network, backend="eager")
    modes = frozen(model)
    with pytest.raises((RuntimeError, TypeError)):  # the compiler's own kinds
        warm_up(model, [*traffic(5), torch.zeros(5, 3, 5, 5)])  # Linear: 16 numbers
    assert [module.training for module in model.modules()] == modes
    assert same_weights(network, two_norms())
    assert not torch.is_inference_mode_enabled()
    assert torch.is_grad_enabled()


# --- what it says ------------------------------------------------------------------


def test_the_text_names_what_guards_see():
    last = torch.zeros(5, 3, 4, 4).to(memory_format=torch.channels_last)
    double = torch.zeros(5, 3, 4, 4, dtype=torch.float64)
    model = torch.compile(nn.Flatten(), backend="eager")
    text = str(warm_up(model, [*batches(5), last, double, double[..., ::2]]))
    head, *lines = text.splitlines()
    assert head == "4 graphs compiled"
    assert [line.partition(": ")[0].strip() for line in lines] == [
        "[5, 3, 4, 4] float32, contiguous, cpu",
        "[5, 3, 4, 4] float32, channels_last, cpu",
        "[5, 3, 4, 4] float64, contiguous, cpu",
        "[5, 3, 4, 2] float64, strided, cpu",
    ]
    for line in lines:
        assert re.search(r": 1 graph, first call \d+ ms, last \d+\.\d\d ms$", line)


def test_seconds_are_of_the_first_call_and_of_the_last():
    (example,) = warm_up(compiled(), batches(5)).examples
    assert len(example.seconds) == 2
    assert all(seconds > 0 for seconds in example.seconds)
    shown = WarmUp((Warmed("kind", 2, 1, (1.25, 0.00678)),), None)
    assert str(shown) == (
        "2 graphs compiled\n"
        "  kind: 2 graphs (1 break), first call 1250 ms, last 6.78 ms"
    )


def test_the_limit_is_said_when_it_is_reached_and_not_before():
    sizes = (2, 3, 4, 5)
    model = compiled(dynamic=False)
    with torch._dynamo.config.patch(recompile_limit=2):
        within = warm_up(model, batches(*sizes[:2]))
        beyond = warm_up(model, batches(*sizes))
    assert within.graphs == 2
    assert within.limit is None
    assert "recompile_limit" not in str(within)
    assert beyond.graphs == 0
    assert beyond.limit == 2
    assert "the recompile_limit of 2 is reached: other kinds" in str(beyond)


def test_the_limit_that_pytorch_has_is_eight():
    found = warm_up(compiled(dynamic=False), batches(*range(2, 12)))
    assert [example.graphs for example in found.examples] == [1] * 8 + [0] * 2
    assert found.limit == 8


@pytest.mark.parametrize("make", [convolutional, lambda: warm(compiled())])
def test_it_says_so_when_nothing_was_compiled(make):
    found = warm_up(make(), batches())
    assert found.graphs == 0
    assert found.limit is None
    assert str(found).startswith("0 graphs compiled: the model was warm, is not compi")


def warm(model):
    warm_up(model, batches())
    return model


def test_graph_breaks_are_counted():
    found = warm_up(compiled(Breaks()), batches(5))
    (example,) = found.examples
    assert example.breaks >= 1
    assert re.search(r"\(\d breaks?\), first call", str(found))
    assert found.limit is None
    assert len(serve(warm(compiled(Breaks())), traffic())) == 2


def test_a_break_that_ends_the_compilation_is_not_taken_for_the_limit():
    found = warm_up(compiled(BreaksForGood()), batches())
    assert found.graphs == 0
    assert sum(example.breaks for example in found.examples) >= 1
    assert found.limit is None


# --- wrong use ---------------------------------------------------------------------


def test_no_examples_are_refused():
    with pytest.raises(ValueError, match="at least one example batch"):
        warm_up(convolutional(), [])


@pytest.mark.parametrize("calls", [0, -1])
def test_no_calls_are_refused(calls):
    model = convolutional()
    with pytest.raises(ValueError, match=f"calls is 1 or more, not {calls}"):
        warm_up(model, batches(), calls=calls)
    assert model.training


# --- the benchmark -----------------------------------------------------------------


def test_a_benchmark_gives_a_median_and_its_spread():
    found = benchmark(torch.add, torch.ones(8), torch.ones(8), seconds=0.01)
    assert found.median > 0
    assert found.iqr >= 0
    assert len(found.times) == BLOCKS


@pytest.mark.parametrize("step", [1e-6, 0.9e-3, 5e-3, 9e-3, 0.07, 0.11, 0.6, 3.0])
def test_there_are_enough_blocks_whatever_a_call_takes(monkeypatch, step):
    """Under a clock that only the calls move."""
    now = 0.0
    monkeypatch.setattr(compiling, "clock", lambda: now)

    def function():
        nonlocal now
        now += step

    for seconds in (0.2, 1.0, 2.0):
        now = 0.0
        found = benchmark(function, seconds=seconds)
        assert len(found.times) == BLOCKS
        assert found.median == pytest.approx(step, rel=1e-3)
        assert now >= 0.99 * seconds
        assert now <= 4 * max(seconds, 4 * BLOCKS * step)


def test_a_benchmark_works_on_the_device_of_its_inputs(monkeypatch):
    """Its clock waits for the current device only."""
    entered = []
    monkeypatch.setattr(
        torch.cuda, "device_of", lambda tensor: entered.append(tensor) or nullcontext()
    )
    other = torch.ones(2)
    benchmark(lambda *_: None, "no tensor", other, torch.ones(3), seconds=1e-6)
    assert entered == [other]


def test_the_calls_before_the_clock_are_those_asked_for():
    """The timer's own calls are those that remain without a warm-up."""

    class Stop(Exception):
        pass

    calls = []

    def function(x):
        calls.append(x)
        if len(calls) > 4:
            raise Stop

    with pytest.raises(Stop) as caught:
        benchmark(function, 7, warm_up=4)
    assert calls == [7] * 5
    # The fifth call comes from the timer, the four before do not.
    assert any("timeit" in str(entry.path) for entry in caught.traceback)
    calls.clear()
    with pytest.raises(Stop) as caught:
        benchmark(function, 7, warm_up=5)
    assert not any("timeit" in str(entry.path) for entry in caught.traceback)


def test_the_number_of_threads_is_kept_and_used():
    """The timer's own default is one thread, whatever the program uses."""
    before, seen = torch.get_num_threads(), []
    other = before + 1
    torch.set_num_threads(other)
    try:
        benchmark(lambda: seen.append(torch.get_num_threads()), seconds=1e-6)
        assert set(seen) == {other}
        assert torch.get_num_threads() == other
    finally:
        torch.set_num_threads(before)


def test_the_gradient_mode_of_the_caller_counts():
    modes = set()

    def function():
        modes.add((torch.is_grad_enabled(), torch.is_inference_mode_enabled()))

    with torch.inference_mode():
        benchmark(function, seconds=1e-6)
    assert modes == {(False, True)}


def test_a_compiled_model_is_compiled_before_the_clock_runs():
    """Inside ``inference_mode``, where a service calls it."""
    model = compiled().eval()
    (batch,) = traffic(5)
    before = graphs()
    with torch.inference_mode():
        found = benchmark(model, batch, seconds=0.01)
    assert graphs() == before + 1
    assert found.median > 0
    assert not would_compile(model, batch)
