"""The theme's few icons as a small style sheet.

The theme draws its icons with a script of 1.5 MB and fonts of 270 kB. The pages use
a dozen of them, so their shapes are taken out of that script when the book is
built, and a style sheet of a few kilobytes shows them as masks in the colour of
the text. ``finish`` takes the script out of the pages.
"""

import re
from pathlib import Path
from urllib.parse import quote

import pydata_sphinx_theme
from sphinx.application import Sphinx
from sphinx.errors import ExtensionError

SCRIPT = "theme/pydata_sphinx_theme/static/scripts/fontawesome.js"
FILE = "icons.css"
NAMES = (
    "angle-left",
    "angle-right",
    "arrow-up",
    "bars",
    "circle-half-stroke",
    "download",
    "file",
    "file-pdf",
    "github",
    "house",
    "list",
    "magnifying-glass",
    "moon",
    "rocket",
    "sun",
    "xmark",
)
CLASSES = {"house": "home"}  # where the theme uses an older name
SHAPE = (
    r'[{{,]"?{}"?:\[(?P<width>\d+),(?P<height>\d+),'
    r'\[[^\]]*\],"\w+","(?P<path>[^"]+)"\]'
)
RULES = """\
[class*="fa-"] {{
  background: currentColor;
  display: inline-block;
  height: 1em;
  -webkit-mask: var(--icon) no-repeat center / contain;
  mask: var(--icon) no-repeat center / contain;
  vertical-align: -0.125em;
  width: 1.25em;
}}
[class*="fa-"]::before {{
  content: none !important; /* or the theme's style sheet loads its fonts */
}}
.theme-switch {{
  display: none;
}}
html[data-mode="light"] .theme-switch[data-mode="light"],
html[data-mode="dark"] .theme-switch[data-mode="dark"],
html[data-mode="auto"] .theme-switch[data-mode="auto"] {{
  display: inline-block;
}}
{icons}
"""


def style_sheet(script: str) -> str:
    """Return the style sheet with the shapes of ``NAMES``.

    Raises:
        ExtensionError: if the theme has no such icon any more.
    """
    icons = []
    for name in NAMES:
        shapes = list(re.finditer(SHAPE.format(name), script))
        if not shapes:
            raise ExtensionError(f"the theme has no icon {name!r}: see icons.py")
        shape = shapes[-1]  # the outlines stand first, the filled ones last
        svg = (
            "<svg xmlns='http://www.w3.org/2000/svg' "
            f"viewBox='0 0 {shape['width']} {shape['height']}'>"
            f"<path d='{shape['path']}'/></svg>"
        )
        address = f"data:image/svg+xml,{quote(svg, safe=' =:/')}"
        used = CLASSES.get(name, name)
        icons.append(f'.fa-{used} {{\n  --icon: url("{address}");\n}}')
    return RULES.format(icons="\n".join(icons))


def write(app: Sphinx) -> None:
    """Write the style sheet beside the other static files of an HTML build."""
    if app.builder.format != "html":
        return
    script = Path(pydata_sphinx_theme.__file__).parent / SCRIPT
    path = Path(app.outdir) / "_static" / FILE
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(style_sheet(script.read_text(encoding="utf-8")), encoding="utf-8")


def setup(app: Sphinx) -> None:
    """Write the style sheet before the first page, which takes its checksum."""
    app.connect("builder-inited", write)
    app.add_css_file(FILE)
