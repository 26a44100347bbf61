"""Compiled models: warmed up so that one can see what was compiled, and timed.

``torch.compile`` compiles nothing, a model's first call does, and so does each
later call that brings something new (notes 16 and 17).
"""

import logging
import time
import timeit
import warnings
from collections import Counter
from collections.abc import Callable, Iterable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn

_log = logging.getLogger("torch.utils.cpp_extension")
_log.disabled = True  # the next import would log that there is no GPU
from torch.utils.benchmark import Measurement, TaskSpec  # noqa: E402
from torch.utils.benchmark import timer as clock  # noqa: E402

_log.disabled = False

# Python 3.13.0 only, and at every compilation: its cure is a newer Python.
warnings.filterwarnings("ignore", "Guards may run slower on Python 3.13.0")

BLOCKS = 10  # enough for quartiles
WARM_UP_CALLS = 3  # with CUDA graphs: run, record, replay (cudagraph_trees.py)


def graphs() -> int:
    """Return how many graphs this process has compiled until now.

    The count is Dynamo's own (``torch._dynamo.utils.counters``, an internal of
    PyTorch that 2.11 and 2.14 have alike).
    """
    return _counters("stats")["unique_graphs"]


def _counters(group: str) -> Counter[str]:
    """Return a group of Dynamo's counts; Dynamo itself takes a second to import."""
    from torch._dynamo.utils import counters

    return counters[group]


@dataclass(frozen=True)
class Warmed:
    """What one example did.

    Attributes:
        kind: what guards see of the example: shape, dtype, layout, device.
        graphs: compiled for it; 0 if it fits a graph that was there.
        breaks: places at which its calls fell into pieces.
        seconds: of its first call, and of its last.
    """

    kind: str
    graphs: int
    breaks: int
    seconds: tuple[float, float]


@dataclass(frozen=True)
class WarmUp:
    """What a warm-up has compiled; print it.

    Attributes:
        examples: one record for each example, in order.
        limit: PyTorch's ``recompile_limit``, if it was reached: what is new from
            here on runs uncompiled. ``None`` otherwise.
    """

    examples: tuple[Warmed, ...]
    limit: int | None

    @property
    def graphs(self) -> int:
        """Return how many graphs were compiled, all examples together."""
        return sum(example.graphs for example in self.examples)

    def __str__(self) -> str:
        """Return a line for the whole and one for each example."""
        lines = [_plural(self.graphs, "graph") + " compiled"]
        if self.graphs == 0:
            lines[0] += (
                ": the model was warm, is not compiled, or had reached its "
                "recompile_limit before"
            )
        for example in self.examples:
            first, last = (1000 * seconds for seconds in example.seconds)
            line = f"  {example.kind}: {_plural(example.graphs, 'graph')}"
            if example.breaks:
                line += f" ({_plural(example.breaks, 'break')})"
            lines.append(f"{line}, first call {first:.0f} ms, last {last:.2f} ms")
        if self.limit is not None:
            lines.append(
                f"  the recompile_limit of {self.limit} is reached: other kinds of "
                "batches run uncompiled"
            )
        return "\n".join(lines)


def warm_up(
    model: nn.Module,
    example_batches: Iterable[Tensor],
    *,
    calls: int = WARM_UP_CALLS,
    context: Callable[[], AbstractContextManager[Any]] = torch.inference_mode,
) -> WarmUp:
    """Compile a model for the batches it will get, and say what was compiled.

    The model runs in evaluation mode, so that BatchNorm's statistics stay as they
    are, and all modules get their own modes back.

    Args:
        model: the compiled model, on its device.
        example_batches: one batch ``[N, 3, H, W]`` for each kind that will come:
            every size, dtype, memory format and device. The values matter only if
            the model branches on them: an ``if`` on a tensor breaks the graph, and
            only the branch that an example takes is compiled.
            Make them where the real batches are made: a tensor made inside
            ``inference_mode`` is of another kind than one made outside.
        calls: of each example; the third is the first fast one with CUDA graphs.
        context: the gradient mode of the real calls, such as ``torch.no_grad``.

    Raises:
        ValueError: if there is no example, or less than one call.
    """
    batches = list(example_batches)
    if not batches:
        raise ValueError("give at least one example batch: none compiles nothing")
    if calls < 1:
        raise ValueError(f"calls is 1 or more, not {calls}")
    modes = {module: module.training for module in model.modules()}
    refused, examples = _refused(), []
    model.eval()
    try:
        with context():
            for batch in batches:
                examples.append(_warm(model, batch, calls))
    finally:
        for module, training in modes.items():
            module.training = training
    limit = torch._dynamo.config.recompile_limit if _refused() > refused else None
    return WarmUp(tuple(examples), limit)


def _warm(model: nn.Module, batch: Tensor, calls: int) -> Warmed:
    """Call a model with one example and note what its calls did."""
    before, breaks, seconds = graphs(), _breaks(), []
    for _ in range(calls):
        start = time.perf_counter()
        model(batch)
        if batch.is_cuda:
            torch.cuda.synchronize(batch.device)
        seconds.append(time.perf_counter() - start)
    times = (seconds[0], seconds[-1])
    return Warmed(_kind(batch), graphs() - before, _breaks() - breaks, times)


def _kind(batch: Tensor) -> str:
    """Return what a guard sees of a batch, in words."""
    layout = "strided"
    if batch.is_contiguous():
        layout = "contiguous"
    elif batch.ndim == 4 and batch.is_contiguous(memory_format=torch.channels_last):
        layout = "channels_last"
    dtype = str(batch.dtype).removeprefix("torch.")
    return f"{list(batch.shape)} {dtype}, {layout}, {batch.device}"


def _breaks() -> int:
    """Return how many graph breaks this process has met."""
    return sum(_counters("graph_break").values())


def _refused() -> int:
    """Return how many times PyTorch has met its recompile_limit.

    Dynamo counts what it does not do by the text of its message.
    """
    reasons = _counters("unimplemented").items()
    return sum(n for text, n in reasons if "exceeding the recompile_limit" in text)


def _plural(count: int, noun: str) -> str:
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"


def benchmark(
    function: Callable[..., Any],
    *inputs: Any,
    warm_up: int = WARM_UP_CALLS,
    seconds: float = 0.2,
) -> Measurement:
    """Time the calls of a function, in ten blocks of equally many calls.

    The clock waits for the GPU before it is read. ``.times`` holds the seconds a call
    of each block; ``.median`` and ``.iqr`` (the width of the middle half) sum them up.
    The calls of a block may overlap on the GPU, so this is their throughput and not
    the time that a single call takes.

    Args:
        function: called with ``inputs`` each time, such as a model with a batch, in
            the gradient mode in which this function is called. It works on the GPU of
            the first tensor among the inputs, else on the current one.
        warm_up: calls before the clock runs; they wait for the compiler.
        seconds: measured for at least about so long; a block has a tenth of it.
    """
    where = next((x for x in inputs if isinstance(x, Tensor)), torch.empty(0))
    with torch.cuda.device_of(where):
        for _ in range(warm_up):
            function(*inputs)
        names = {"function": function, "inputs": inputs}
        timer = timeit.Timer("function(*inputs)", timer=clock, globals=names)
        calls = 1
        while timer.timeit(calls) < seconds / BLOCKS:
            calls *= 2
        blocks = timer.repeat(BLOCKS, calls)
    task = TaskSpec("function(*inputs)", "", num_threads=torch.get_num_threads())
    return Measurement(calls, blocks, task)
