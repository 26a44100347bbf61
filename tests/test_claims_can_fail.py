"""Every notebook's claims fail when its slip stands in the place of its fix."""

import nbformat
import pytest
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError
from nbformat import v4

from notebook_files import LESSON_IDS, LESSONS, only, read

SECONDS_PER_CELL = 120


def first_error(notebook, folder):
    """Run a notebook up to its first error and return the error's name."""
    client = NotebookClient(
        notebook,
        timeout=SECONDS_PER_CELL,
        kernel_name="python3",
        resources={"metadata": {"path": str(folder)}},
    )
    try:
        client.execute()
    except CellExecutionError as error:
        return error.ename
    return None


def with_slip_for_fix(notebook):
    """Return a copy in which the slip's code stands in both cells."""
    changed = nbformat.from_dict(notebook)
    only(changed, "fix").source = only(changed, "slip").source
    return changed


@pytest.mark.parametrize("path", LESSONS, ids=LESSON_IDS)
def test_a_claim_fails_with_the_slip(path):
    assert first_error(with_slip_for_fix(read(path)), path.parent) == "ClaimFailed"


def test_a_notebook_whose_claims_cannot_fail_is_found(tmp_path):
    """The test above would notice a claim that is true whatever happens."""
    notebook = v4.new_notebook(
        cells=[
            v4.new_code_cell("value = 1", metadata={"tags": ["slip"]}),
            v4.new_code_cell("value = 2", metadata={"tags": ["fix"]}),
            v4.new_code_cell(
                "from helpers.claims import claim\nclaim('a tautology', value or True)"
            ),
        ]
    )
    assert first_error(with_slip_for_fix(notebook), tmp_path) is None
    notebook.cells[2].source = notebook.cells[2].source.replace("or True", "== 2")
    assert first_error(with_slip_for_fix(notebook), tmp_path) == "ClaimFailed"
