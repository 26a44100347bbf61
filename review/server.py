"""Findings in an editor, while a file is written: ``python -m review.server``.

A language server over standard input and output. It needs pygls.
"""

from pathlib import Path
from urllib.parse import unquote, urlparse

from lsprotocol import types
from pygls.lsp.server import LanguageServer

from .checker import Finding, Folder, check_tree
from .rules import LOUD
from .source import NotReadable, Source, parse

LEVELS = {
    "error": types.DiagnosticSeverity.Error,
    "warning": types.DiagnosticSeverity.Warning,
    "hint": types.DiagnosticSeverity.Hint,
}
server = LanguageServer("seventeen-review", "1")


def diagnostic(finding: Finding) -> types.Diagnostic:
    """Return a finding as an editor wants it: lines and columns from 0."""
    line, column, _ = finding.place
    start = types.Position(line - 1, column - 1)
    instead = f" {finding.rule.instead}" if finding.rule else ""
    return types.Diagnostic(
        types.Range(start, types.Position(line, 0)),
        finding.text + instead,
        severity=LEVELS[finding.severity],
        code=finding.code,
        source="seventeen-review",
    )


def diagnose(path: Path, text: str) -> list[types.Diagnostic]:
    """Check the text of a file, which need not be saved; imports are followed."""
    try:
        found = check_tree(Source(path, text), parse(text), Folder(path.parent), LOUD)
    except NotReadable:
        return []  # half a line: the editor says so itself
    return [diagnostic(finding) for finding in found if finding.path == str(path)]


@server.feature(types.TEXT_DOCUMENT_DID_OPEN)
@server.feature(types.TEXT_DOCUMENT_DID_CHANGE)
def check(
    ls: LanguageServer,
    params: types.DidOpenTextDocumentParams | types.DidChangeTextDocumentParams,
) -> None:
    """Send the findings of a file that was opened or changed."""
    uri = params.text_document.uri
    text = ls.workspace.get_text_document(uri).source
    found = diagnose(Path(unquote(urlparse(uri).path)), text)
    ls.text_document_publish_diagnostics(types.PublishDiagnosticsParams(uri, found))


if __name__ == "__main__":
    server.start_io()
