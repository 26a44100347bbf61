"""U5: what a quantised file is calibrated with."""

import ast

from ..events import Run
from ..rule import Hits, hit, rule
from ..values import External

READER = "CalibrationDataReader"
MADE_UP = {
    "numpy.random.random", "numpy.random.rand", "numpy.random.randn",
    "numpy.random.uniform", "numpy.random.normal", "numpy.random.randint",
    "numpy.random.random_sample", "numpy.zeros", "numpy.ones",
    "torch.rand", "torch.randn", "torch.randint", "torch.zeros", "torch.ones",
}  # fmt: skip


@rule("NOTE951")
def calibrated_with_noise(run: Run) -> Hits:
    """Find calibration readers of onnxruntime that make their pictures up."""
    if run.root is not None:
        return
    for node in run.main.parent:
        if not isinstance(node, ast.ClassDef):
            continue
        bases = [v for base in node.bases for v in run.value(base, run.frame)]
        if not any(isinstance(v, External) and v.name.endswith(READER) for v in bases):
            continue
        for part in ast.walk(node):
            if isinstance(part, ast.Call):
                called = run.value(part.func, run.frame)
                if any(isinstance(v, External) and v.name in MADE_UP for v in called):
                    yield hit(
                        part,
                        run.frame,
                        "The ranges of the int8 numbers are taken from made-up "
                        "pictures here.",
                    )
                    break
