"""A network as an ONNX file, in float32 and in int8, checked before it appears.

Needs onnx, onnxscript and onnxruntime: ``pip install 'seventeen-notes[export]'``.
"""

import contextlib
import copy
import io
import json
import logging
import re
import shutil
import tempfile
import warnings
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import torch
from jaxtyping import Float
from torch import Tensor, nn

from helpers import magic
from helpers.errors import UserError
from helpers.model.trained import Trained
from helpers.text import as_utf8
from helpers.writing import replacing

INPUT, OUTPUT = "images", "logits"
# float32 keeps 7 digits; convolutions sum thousands of products, in another order.
RELATIVE, ABSOLUTE = 1e-3, 1e-4
MOST = 2**31 - 1  # bytes in one file: protobuf's limit


class Parity(NamedTuple):
    """How far a file's answers are from the network's.

    Attributes:
        difference: the largest between two logits.
        agreement: share of the images with the same predicted class.
    """

    difference: float
    agreement: float


class Int8(NamedTuple):
    """An int8 copy to be made: where, and from which images, see :func:`quantise`."""

    path: str | Path
    batches: Iterable[Float[Tensor, "_ c h w"]]


def describe(trained: Trained) -> dict[str, str]:
    """Return what a reader of the file must know and the graph does not say."""
    return {
        "classes": as_utf8(json.dumps(trained.classes, ensure_ascii=False)),  # note 11
        "size": str(trained.size),
        "mean": json.dumps(trained.mean),
        "std": json.dumps(trained.std),
        "input": "RGB in [0, 1], minus mean, divided by std; [batch, 3, size, size]",
    }


def export_onnx(
    network: nn.Module,
    path: str | Path,
    *,
    size: int,
    channels: int = 3,
    opset: int = magic.ONNX_OPSET,
    about: Mapping[str, str] | None = None,
    int8: Int8 | None = None,
) -> None:
    """Write a network to one ONNX file that takes batches of any size.

    The file appears only after its opset was read back and its answers were
    compared with the network's for one image and for three.

    Args:
        network: maps ``[N, channels, size, size]`` to logits ``[N, C]``. A copy of
            it is exported, on the CPU and in evaluation mode.
        size: side of the input in pixels.
        opset: version of the operators; 18 is the lowest that torch writes.
        about: texts for the file's metadata, see :func:`describe`.
        int8: a copy to quantise as well. If that fails neither file is replaced.

    Raises:
        UserError: if a package is missing, the network cannot be exported as asked,
            the answers differ, or the file cannot be written.
    """
    onnx, _ = _packages()
    model = copy.deepcopy(network).cpu().eval()
    # Two images: an axis of length 1 may be taken for one that never changes.
    example = torch.zeros(2, channels, size, size)
    try:
        with _quiet():
            program = torch.onnx.export(
                model,
                (example,),
                dynamo=True,
                opset_version=opset,
                input_names=[INPUT],
                output_names=[OUTPUT],
                dynamic_shapes=({0: "batch"},),
                verbose=False,
            )
            assert program is not None  # only the old exporter gives nothing
            for node in program.model.graph:
                node.metadata_props.clear()  # stack traces: paths and source lines
            proto = program.model_proto
    except Exception as error:  # the exporter has no error class of its own
        raise UserError(
            f"The network cannot be exported to ONNX: {_reason(error)}"
        ) from error
    (delivered,) = (o.version for o in proto.opset_import if o.domain == "")
    if delivered != opset:
        raise UserError(
            f"Opset {opset} was asked for and {delivered} delivered, and converting "
            f"the file does not give one that runs: ask for {delivered} to "
            f"{onnx.defs.onnx_opset_version()}; an older one is written only by the "
            "old exporter, torch.onnx.export(..., dynamo=False)."
        )
    onnx.helper.set_model_props(proto, dict(about or {}))
    if proto.ByteSize() > MOST:
        raise UserError(
            "The weights take more than 2 GB, too much for one ONNX file: export "
            "with torch.onnx.export(..., external_data=True)."
        )
    onnx.checker.check_model(proto, full_check=True)
    with replacing(path) as part:
        part.write_bytes(proto.SerializeToString())
        generator = torch.Generator().manual_seed(0)
        for count in (1, 3):
            images = torch.randn(count, channels, size, size, generator=generator)
            _require_parity(model, part, images)
        if int8 is not None:
            quantise(part, *int8)


def run_onnx(
    path: str | Path, images: Float[Tensor, "n c h w"], *, batch_size: int = 100
) -> Float[Tensor, "n classes"]:
    """Return the logits ``[N, C]`` that an ONNX file gives, computed on the CPU.

    Args:
        images: normalised as for the network.
        batch_size: images at once; the file must have a dynamic batch.

    Raises:
        UserError: if the file is missing, is no ONNX model or takes other inputs.
    """
    _, onnxruntime = _packages()
    options = onnxruntime.SessionOptions()
    options.log_severity_level = 3  # errors: its warnings are for its developers
    try:
        session = onnxruntime.InferenceSession(  # takes no name that is not UTF-8
            Path(path).read_bytes(), options, providers=["CPUExecutionProvider"]
        )
        name = session.get_inputs()[0].name
        parts = [
            session.run(None, {name: batch.numpy()})[0]
            for batch in images.cpu().split(batch_size)
        ]
    except Exception as error:  # its error classes are private
        raise UserError(
            f"{path} cannot be run with onnxruntime: {_reason(error)}"
        ) from error
    return torch.from_numpy(np.concatenate(parts))


def compare_outputs(
    expected: Float[Tensor, "n classes"], actual: Float[Tensor, "n classes"]
) -> Parity:
    """Return how far two sets of logits ``[N, C]`` are apart."""
    same = expected.argmax(1) == actual.argmax(1)
    difference = (expected - actual).abs().max().item()
    return Parity(difference, same.float().mean().item())


def quantise(
    path: str | Path, out: str | Path, batches: Iterable[Float[Tensor, "_ c h w"]]
) -> None:
    """Write an int8 copy of a float32 ONNX file.

    Weights become int8, one scale per channel, and activations uint8, with ranges
    from the given images (static quantisation; without images the ranges would have
    to be computed for every batch). Weights use 7 of the 8 bits: processors without
    VNNI add pairs of products in 16 bits, which 8 would overflow (onnxruntime's
    ``reduce_range``).

    Args:
        path: a file of :func:`export_onnx`.
        batches: training images, normalised as for the network, some hundreds of
            all classes.

    Raises:
        UserError: if a package is missing, a file cannot be read or written, or
            there are no images.
    """
    _packages()
    from onnxruntime import quantization
    from onnxruntime.quantization.shape_inference import quant_pre_process

    class Reader(quantization.CalibrationDataReader):
        """Hands the images over, one batch at a time."""

        def __init__(self) -> None:
            self.batches = iter(batches)

        def get_next(self) -> dict[str, np.ndarray] | None:
            batch = next(self.batches, None)
            return None if batch is None else {INPUT: batch.cpu().numpy()}

    if not Path(path).is_file():
        raise UserError(f"There is no ONNX file {path}: export one first.")
    with replacing(out) as part, tempfile.TemporaryDirectory() as folder, _quiet():
        given, prepared, made = (Path(folder, f"{n}.onnx") for n in range(3))
        shutil.copyfile(path, given)  # their code takes no name that is not UTF-8
        try:
            # Infers shapes; BatchNorm was merged into the convolutions by the export.
            quant_pre_process(given, prepared, skip_optimization=True)
            quantization.quantize_static(
                prepared,
                made,
                Reader(),
                quant_format=quantization.QuantFormat.QDQ,
                per_channel=True,
                reduce_range=True,
                activation_type=quantization.QuantType.QUInt8,
                weight_type=quantization.QuantType.QInt8,
            )
        except OSError:
            raise
        except Exception as error:  # of onnx, onnxruntime, protobuf, ValueError
            raise UserError(
                f"{out} is not written, for the network cannot be quantised: "
                f"{_reason(error)}"
            ) from error
        shutil.copyfile(made, part)


def _require_parity(model: nn.Module, path: Path, images: Tensor) -> None:
    with torch.inference_mode():
        expected = model(images)
    actual = run_onnx(path, images)
    if not torch.allclose(actual, expected, RELATIVE, ABSOLUTE):
        worst = compare_outputs(expected, actual).difference
        raise UserError(
            "The exported graph answers otherwise than the network (a logit differs by "
            f"{worst:.2g}), so no file was written: its forward() depends on more than "
            "tensors."
        )


def _reason(error: BaseException) -> str:
    """The first line of what went wrong at the bottom, without colours."""
    while error.__cause__ is not None:
        error = error.__cause__
    text = getattr(error, "strerror", None) or str(error)
    lines = re.sub(r"\x1b\[\d*m", "", text).strip().splitlines()
    return lines[0] if lines else type(error).__name__


def _packages() -> tuple[Any, Any]:
    """Import what writes and what runs the files."""
    try:
        import onnx
        import onnxruntime
        import onnxscript  # noqa: F401  torch's exporter needs it
    except ImportError as error:
        raise UserError(
            "ONNX needs the packages onnx, onnxscript and onnxruntime: "
            "pip install 'seventeen-notes[export]'"
        ) from error
    return onnx, onnxruntime


@contextlib.contextmanager
def _quiet() -> Iterator[None]:
    """Hold back what exporter and quantiser say: errors come as exceptions."""
    before = logging.root.manager.disable
    logging.disable(logging.WARNING)
    try:
        with contextlib.redirect_stdout(io.StringIO()), warnings.catch_warnings():
            warnings.simplefilter("ignore")  # about code of theirs, not of ours
            yield
    finally:
        logging.disable(before)
