"""ONNX files: complete, right, of any batch; and nothing at all when it fails."""

import json
import os
import sys

import onnx
import pytest
import torch
from torch import nn

from helpers.errors import UserError
from helpers.model import export
from helpers.model.reference import reference_network

SIZE = 16
IMAGES = torch.randn(9, 3, SIZE, SIZE, generator=torch.Generator().manual_seed(0))


def small():
    torch.manual_seed(0)
    return nn.Sequential(
        nn.Conv2d(3, 8, 3, padding=1, bias=False), nn.BatchNorm2d(8), nn.ReLU(),
        nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Dropout(0.5), nn.Linear(8, 3),
    )  # fmt: skip


@pytest.fixture(scope="module")
def exported(tmp_path_factory):
    """A network and its file; exporting takes two seconds, so it is done once."""
    network, path = small().eval(), tmp_path_factory.mktemp("onnx") / "model.onnx"
    export.export_onnx(network, path, size=SIZE, about={"classes": '["ä"]'})
    return network, path


def test_one_file_answers_batches_of_any_size(exported):
    network, path = exported
    assert os.listdir(path.parent) == ["model.onnx"]
    for count in (1, 2, 9):
        with torch.inference_mode():
            expected = network(IMAGES[:count])
        parity = export.compare_outputs(expected, export.run_onnx(path, IMAGES[:count]))
        assert parity.difference < 1e-5
        assert parity.agreement == 1
    parts = export.run_onnx(path, IMAGES, batch_size=4)  # a short last batch
    assert torch.allclose(parts, export.run_onnx(path, IMAGES), atol=1e-6)


def test_the_file_says_what_its_reader_must_know(exported):
    model = onnx.load(exported[1])
    assert [o.version for o in model.opset_import if o.domain == ""] == [18]
    assert {p.key: p.value for p in model.metadata_props} == {"classes": '["ä"]'}
    assert model.graph.input[0].type.tensor_type.shape.dim[0].dim_param == "batch"
    assert "forward" not in str(model)  # no stack trace, so no path of a machine
    about = export.describe(reference_network())
    assert json.loads(about["classes"])[0] == "ball"
    assert json.loads(about["mean"]) == [0.6732, 0.6508, 0.5728]
    assert about["size"] == "64"


def test_the_network_stays_as_it_was(tmp_path):
    network = small().train()
    export.export_onnx(network, tmp_path / "m.onnx", size=SIZE)
    assert all(module.training for module in network.modules())
    evaluated = export.run_onnx(tmp_path / "m.onnx", IMAGES)
    assert torch.allclose(evaluated, network.eval()(IMAGES).detach(), atol=1e-5)


def test_int8_is_smaller_and_nearly_the_same(exported, tmp_path):
    _, path = exported
    out = tmp_path / "int8.onnx"
    export.quantise(path, out, IMAGES.split(4))
    assert os.listdir(tmp_path) == ["int8.onnx"]
    types = {i.data_type for i in onnx.load(out).graph.initializer}
    assert onnx.TensorProto.INT8 in types
    before, after = (export.run_onnx(file, IMAGES) for file in (path, out))
    assert 0 < export.compare_outputs(before, after).difference < 0.1


# --- what fails leaves nothing --------------------------------------------------


class DependsOnText(nn.Module):
    """The exporter writes down a constant here: the file would be wrong."""

    def forward(self, x):
        return torch.full((x.shape[0], 2), float(len(str(x.sum().item()))))


class HasNoOperator(nn.Module):
    """ONNX knows no eigenvalues of a general matrix."""

    def forward(self, x):
        return torch.linalg.eigvals(x[:, 0]).real


@pytest.mark.parametrize(
    ("network", "opset", "sentence"),
    [
        (small(), 13, "Opset 13 was asked for and 18 delivered"),
        (HasNoOperator(), 18, "cannot be exported to ONNX: No ONNX function"),
        (DependsOnText(), 18, "answers otherwise than the network"),
    ],
)
def test_a_failed_export_leaves_the_old_file(tmp_path, network, opset, sentence):
    path = tmp_path / "m.onnx"
    path.write_text("old")
    with pytest.raises(UserError, match=sentence) as caught:
        export.export_onnx(network, path, size=SIZE, opset=opset)
    assert "\n" not in str(caught.value)
    assert path.read_text() == "old"
    assert os.listdir(tmp_path) == ["m.onnx"]


def test_a_place_without_permission_gets_one_sentence(tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(UserError, match="cannot be written"):
        export.export_onnx(small(), tmp_path / "file" / "m.onnx", size=SIZE)


def test_bad_files_get_one_sentence(exported, tmp_path):
    _, path = exported
    junk = tmp_path / "junk.onnx"
    junk.write_text("hello")
    for file, batches, sentence in (
        (tmp_path / "none.onnx", IMAGES.split(4), "There is no ONNX file"),
        (junk, IMAGES.split(4), "cannot be quantised"),
        (path, [], "cannot be quantised: No data"),
    ):
        with pytest.raises(UserError, match=sentence) as caught:
            export.quantise(file, tmp_path / "int8.onnx", batches)
        assert "\n" not in str(caught.value)
    with pytest.raises(UserError, match="cannot be run"):
        export.run_onnx(junk, IMAGES)
    with pytest.raises(UserError, match="cannot be run"):
        export.run_onnx(path, IMAGES[:, :, :8])
    assert os.listdir(tmp_path) == ["junk.onnx"]


@pytest.mark.parametrize("package", ["onnx", "onnxruntime", "onnxscript"])
def test_a_missing_package_is_named(monkeypatch, tmp_path, package):
    monkeypatch.setitem(sys.modules, package, None)
    with pytest.raises(UserError, match=r"pip install 'seventeen-notes\[export\]'"):
        export.export_onnx(small(), tmp_path / "m.onnx", size=SIZE)
