"""The book in a real browser: it works, is accessible, keeps to itself and is light.

The book that ``test_book`` builds is served from this machine and opened in Chromium
by Playwright. Each page is visited once, and what was seen there is kept for all
tests. Without Playwright or a browser these tests are skipped.
"""

import gzip
import importlib.util
import re
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from urllib.parse import unquote, urlparse

import pytest

from browsing import (
    CHAPTER,
    COMPRESSED,
    NO_PLAYWRIGHT,
    serve,
)
from built_book import FORK, NO_CHROMIUM, chromium
from opened_book import DESKTOP, HEIGHT, LAPTOP, PHONE, TABLET, NewPage, all_pages

sync_api = pytest.importorskip(
    "playwright.sync_api", reason=f"the browser tests are skipped: {NO_PLAYWRIGHT}"
)
if importlib.util.find_spec("axe_playwright_python") is None:
    pytest.skip(
        f"the browser tests are skipped: {NO_PLAYWRIGHT}", allow_module_level=True
    )
if chromium() is None:
    pytest.skip(
        f"the browser tests are skipped: {NO_CHROMIUM}", allow_module_level=True
    )

PAPER = 718  # A4 less 1 cm on either side, in CSS pixels
HEAVIEST = 650_000  # bytes; 25 kB are a font that most machines don't ask for
SHIFT = 0.1  # "good" by https://web.dev/articles/cls
JUMPS = (
    "book/welcome.html",
    "notebooks/01_imagefolder_layout.html",
    CHAPTER,
    "notebooks/12_gradcam_last_conv.html",
)


# --- every page, visited once ----------------------------------------------------

CUT = """[...document.querySelectorAll(
    'main pre, main .highlight, main table, main img'
  )].filter(it => it.checkVisibility() &&
    (it.scrollWidth > it.clientWidth + 1 && it.clientWidth > 0 ||
      it.getBoundingClientRect().right > innerWidth + 1)
  ).map(it => it.outerHTML.slice(0, 120))"""
# What a cell printed or drew, where an end of it is out of sight.
CLIPPED = """[...document.querySelectorAll('.cell_output :is(pre, ul, img, figure)')]
  .filter(it => it.checkVisibility() && it.clientWidth &&
    (it.scrollWidth > it.clientWidth + 1 ||
     it.getBoundingClientRect().right > innerWidth + 1))
  .map(it => `${innerWidth}: ${it.textContent.slice(0, 80)}`)"""
# Opens what is folded, and leaves of each colour of code one word and of the formulas
# three: axe would look at thousands of words in the same few colours.
PREPARE = """() => {
  const style = document.createElement('style');
  style.textContent = '* { transition: none !important; animation: none !important }';
  document.head.append(style);
  document.querySelectorAll('details').forEach(details => { details.open = true });
  const seen = new Set();
  const tokens = '.highlight pre span[class]:not(.line)';
  for (const token of document.querySelectorAll(tokens)) {
    const around = token.closest('.cell_input, .cell_output, .highlight');
    const key = [around.className, token.parentElement.className, token.className];
    if (seen.has(key.join())) token.replaceWith(token.textContent);
    seen.add(key.join());
  }
  window.formulas = [...document.querySelectorAll('mjx-container')].slice(3).map(it => {
    const place = new Comment();
    it.replaceWith(place);
    return [place, it];
  });
}"""
SHOW_ALL = "formulas.forEach(([place, formula]) => place.replaceWith(formula))"
# Axe's rule about contrast takes most of its time, and most texts of a page look alike.
# Of texts in the same colours, of the same size and in front of the same, one that
# passes stands for the others; those that fail or cannot be judged are all judged.
JUDGE_EACH_LOOK_ONCE = """() => {
  const check = axe._audit.checks['color-contrast'];
  const {evaluate} = check;
  const {getElementStack, isVisibleOnScreen} = axe.commons.dom;
  const style = (element, ...names) => {
    const computed = getComputedStyle(element);
    return names.map(name => computed[name]).join();
  };
  const known = {light: new Map(), dark: new Map()};
  const paint = element => {
    const paints = known[document.documentElement.dataset.theme];
    if (!paints.has(element))
      paints.set(element, style(element,
        'backgroundColor', 'backgroundImage', 'opacity', 'filter', 'mixBlendMode'));
    return paints.get(element);
  };
  const nothing = 'rgba(0, 0, 0, 0),none,1,none,normal';
  const around = element => element ? [element, ...around(element.parentElement)] : [];
  const passed = new Set();
  check.evaluate = function (text, ...others) {
    const look = [
      style(text, 'color', 'webkitTextFillColor', 'webkitTextStroke', 'textShadow',
        'fontSize', 'fontWeight'),
      ...[...around(text), ...getElementStack(text)].map(paint)
        .filter(it => it !== nothing),
    ].join('/');
    if (passed.has(look)) return true;
    const passes = evaluate.call(this, text, ...others);
    if (passes && isVisibleOnScreen(text)) passed.add(look);
    return passes;
  };
}"""
TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
RULES = ["label-content-name-mismatch", "duplicate-id", "duplicate-id-active"]
AXE = """async ([theme, tags, rules]) => {
  Object.assign(document.documentElement.dataset, {theme, mode: theme});
  const enabled = rules.map(rule => [rule, {enabled: true}]);
  const options = {
    preload: false,
    resultTypes: ['violations'],
    ...(theme === 'light'
      ? {runOnly: tags, rules: Object.fromEntries(enabled)}
      : {runOnly: ['color-contrast', 'link-in-text-block']}),
  };
  const found = (await axe.run(document, options)).violations;
  return found.flatMap(({id, nodes}) => nodes.map(
    ({html, any}) =>
      `${theme}: ${id}: ${html.slice(0, 150)} ${any[0]?.message ?? ''}`));
}"""
NEAR = "document.querySelector('.math')?.scrollIntoView()"  # loads MathJax at once
SETTLED = """async () => {
  for (const image of document.images) image.loading = 'eager';
  await Promise.all([...document.images].map(it => it.decode().catch(() => {})));
  while (window.MathJax && !MathJax.startup?.promise)
    await new Promise(done => setTimeout(done, 20));
  await window.MathJax?.startup.promise;
  await document.fonts.ready;
}"""


@dataclass
class Visit:
    """What was seen on one page."""

    requests: list[str] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)
    violations: list[str] = field(default_factory=list)
    widths: dict[int, int] = field(default_factory=dict)  # of the screen: of the page
    clipped: list[str] = field(default_factory=list)  # on a screen
    cut: list[str] = field(default_factory=list)  # on paper


@pytest.fixture(scope="module")
def visit(open_page: NewPage) -> Callable[[str], Visit]:
    """Return a function that visits a page, once however often it is called."""
    from axe_playwright_python import sync_playwright as axe

    program = (Path(axe.__file__).parent / "axe.min.js").read_text(encoding="utf-8")
    seen = Visit()
    page = open_page()
    page.on("request", lambda request: seen.requests.append(request.url))
    page.on("pageerror", lambda error: seen.errors.append(str(error)))
    page.on(
        "console",
        lambda message: (
            seen.errors.append(message.text) if message.type == "error" else None
        ),
    )

    @cache
    def visit(name: str) -> Visit:
        nonlocal seen
        seen = found = Visit()
        page.goto(name)
        page.evaluate(NEAR)
        page.evaluate(SETTLED)
        page.evaluate("scrollTo(0, 0)")
        seen = Visit()  # what the test does itself does not count
        page.evaluate(PREPARE)
        page.evaluate(program)
        page.evaluate(JUDGE_EACH_LOOK_ONCE)
        for theme in ("light", "dark"):
            found.violations += page.evaluate(AXE, [theme, TAGS, RULES])
        page.evaluate(SHOW_ALL)
        for width in (DESKTOP, LAPTOP, TABLET, PHONE):
            page.set_viewport_size({"width": width, "height": HEIGHT})
            found.clipped += page.evaluate(CLIPPED)
            found.widths[width] = page.evaluate("document.scrollingElement.scrollWidth")
        page.set_viewport_size({"width": PAPER, "height": HEIGHT})
        page.emulate_media(media="print")
        found.cut = page.evaluate(CUT)
        page.goto("about:blank")  # which is resized sooner than a page
        page.emulate_media(media="screen")
        page.set_viewport_size({"width": DESKTOP, "height": HEIGHT})
        return found

    return visit


@pytest.mark.parametrize("name", all_pages())
def test_a_page_is_accessible(visit: Callable[[str], Visit], name: str) -> None:
    """No violation of WCAG 2.2 AA or of axe's best practices, light and dark.

    All rules are checked in the light mode; the dark one changes colours only.
    """
    assert not visit(name).violations


@pytest.mark.parametrize("name", all_pages())
def test_a_page_asks_no_other_host(
    visit: Callable[[str], Visit], address: str, name: str
) -> None:
    foreign = [
        url for url in visit(name).requests if not url.startswith((address, "data:"))
    ]
    assert not foreign
    assert not visit(name).errors


@pytest.mark.parametrize("name", all_pages())
def test_a_page_is_light(
    visit: Callable[[str], Visit],
    site: Path,
    name: str,
) -> None:
    """A page and all it loads are at most 650 kB.

    Text is counted as compressed by gzip, as GitHub Pages sends it: the style sheet
    of the theme alone is 400 kB without, and MathJax 760 kB.
    """
    sizes = {}
    for url in set(visit(name).requests):
        if urlparse(url).scheme == "data":
            continue
        path = site / unquote(urlparse(url).path).lstrip("/")
        data = path.read_bytes()
        if path.suffix in COMPRESSED:
            data = gzip.compress(data, 6)
        sizes[path.relative_to(site).as_posix()] = len(data)
    assert sum(sizes.values()) <= HEAVIEST, sizes


@pytest.mark.parametrize("name", all_pages())
def test_a_page_is_no_wider_than_the_screen(
    visit: Callable[[str], Visit], name: str
) -> None:
    """Unfolded, on a phone, a tablet and a desktop."""
    for screen, width in visit(name).widths.items():
        assert width <= screen


@pytest.mark.parametrize("name", all_pages())
def test_no_output_is_clipped(visit: Callable[[str], Visit], name: str) -> None:
    assert visit(name).clipped == []


@pytest.mark.parametrize("name", [it for it in all_pages() if it != "search.html"])
def test_print_cuts_no_line_of_code(visit: Callable[[str], Visit], name: str) -> None:
    assert not visit(name).cut


# A page with faults: axe's come with the mode and the rule that is to find them, and
# stand among what looks the same or nearly so and is as it should be.
FAULTY = """<!doctype html>
<html lang="en">
<head>
<title>A page with faults</title>
<style>
  a { color: inherit }
  [data-theme=dark] body { background: #111; color: #eee }
  [data-theme=light] [data-fault="light: color-contrast"] { color: #bbb }
  [data-theme=dark] [data-fault="dark: color-contrast"] { color: #444 }
  [data-theme=light] .dark { background: #555; color: inherit !important }
  .behind { height: 2em; margin-bottom: -2em }
</style>
</head>
<body>
<header>
  <p>Text</p>
  <p data-fault="light: color-contrast">Text</p>
  <p data-fault="dark: color-contrast">Text</p>
</header>
<nav>
  <p><a href="#1">Link</a></p>
  <p><a data-fault="light: color-contrast" href="#2">Link</a></p>
  <p><a data-fault="dark: color-contrast" href="#3">Link</a></p>
  <p><a data-fault="light: link-name" href="#4"></a></p>
</nav>
<p data-fault="light: region">Text outside</p>
<main>
  <h1>Heading</h1>
  <p>Text</p>
  <p data-fault="light: color-contrast">Text</p>
  <p data-fault="dark: color-contrast">Text</p>
  <p data-fault="dark: color-contrast" style="color: #555">Text</p>
  <div class="dark behind"></div>
  <p data-fault="light: color-contrast" style="color: inherit; margin: 0">Text</p>
  <p>A text that
    <span>goes<br>on</span></p>
  <p>A text that
    <span data-fault="light: color-contrast" class="dark">goes<br>on</span></p>
  <table>
    <tr><th>Head</th></tr>
    <tr><td>Cell</td></tr>
    <tr><td data-fault="light: color-contrast">Cell</td></tr>
    <tr><td data-fault="dark: color-contrast">Cell</td></tr>
  </table>
  <div class="highlight"><pre>
    <span class="k">def</span> <span class="n">name</span>
    <span class="a" data-fault="light: color-contrast">name</span>
    <span class="b" data-fault="dark: color-contrast">name</span>
  </pre></div>
  <p><a data-fault="light: link-name" href="#5"></a></p>
  <img data-fault="light: image-alt" src="data:,">
  <p data-fault="light: duplicate-id" id="twice">Text</p>
  <p id="twice">Text</p>
  <p><button data-fault="light: duplicate-id-active" id="two">Button</button></p>
  <p><button id="two">Button</button></p>
  <h4 data-fault="light: heading-order">Heading</h4>
  <p><label>Label <input></label> <input data-fault="light: label"></p>
  <p style="width: 500px">Text</p>
  <pre style="overflow: hidden; width: 5em">a line of code</pre>
  <img alt="" src="http://elsewhere.invalid/image.png">
</main>
<script>console.error("an error in the console")</script>
<script>throw Error("an error in a script")</script>
</body>
</html>
"""


def test_a_visit_finds_every_fault(
    visit: Callable[[str], Visit], tmp_path: Path
) -> None:
    """What makes a visit short hides nothing."""
    (tmp_path / "faulty.html").write_text(FAULTY, encoding="utf-8")
    with serve(tmp_path) as address:
        found = visit(f"{address}faulty.html")
    marks = [it.split('data-fault="')[1].split('"')[0] for it in found.violations]
    assert [it.partition(": <")[0] for it in found.violations] == marks
    assert sorted(marks) == sorted(re.findall('<.*data-fault="(.*?)"', FAULTY))
    assert "http://elsewhere.invalid/image.png" in found.requests
    assert {"an error in the console", "an error in a script"} <= {*found.errors}
    assert found.widths[PHONE] > PHONE
    assert [it.partition(" ")[0] for it in found.cut] == ["<pre"]


# --- finding one's way -----------------------------------------------------------


def heading(page: "sync_api.Page") -> str:
    """Return a page's title as it is read."""
    return page.locator("article h1").inner_text().rstrip("#").strip()


def test_previous_and_next_lead_where_they_say(page: "sync_api.Page") -> None:
    page.goto(CHAPTER)
    start = heading(page)
    for name, back in ((".right-next", ".left-prev"), (".left-prev", ".right-next")):
        promised = page.locator(f"{name} .prev-next-title").inner_text()
        page.click(name)
        assert heading(page) == promised
        page.click(back)
        assert heading(page) == start


@pytest.mark.parametrize("width", [DESKTOP, PHONE])
def test_the_side_bar_leads_where_it_says(page: "sync_api.Page", width: int) -> None:
    page.set_viewport_size({"width": width, "height": HEIGHT})
    page.goto(CHAPTER)
    links = page.locator(".bd-docs-nav .toctree-l1 a:visible")
    if width == PHONE:
        assert links.count() == 0
        page.click(".primary-toggle")
    for promised in ("7 · Looking for NaN gradients", "Glossary"):
        page.locator(".bd-docs-nav a:visible", has_text=promised).click()
        assert heading(page) == promised
        assert page.locator(".bd-docs-nav li.current > a.current").inner_text() in (
            promised,
            "",  # hidden on a phone
        )
        if width == PHONE:
            page.click(".primary-toggle")


def test_the_search_lists_and_leads_to_a_page(page: "sync_api.Page") -> None:
    page.goto("book/welcome.html")
    page.click(".search-button-field")
    page.fill("#pst-search-dialog input", "logits")
    page.keyboard.press("Enter")
    found = page.locator("#search-results li > a")
    found.first.wait_for()
    assert page.get_by_role("status").inner_text().endswith("for “logits”:")
    promised = "5 · Cross-entropy takes logits"
    assert promised in found.all_inner_texts()
    found.get_by_text(promised, exact=True).first.click()
    page.wait_for_url(f"**/{CHAPTER}*")
    assert heading(page) == promised


def test_a_cross_reference_lands_on_its_word(page: "sync_api.Page") -> None:
    page.goto("book/program.html")
    link = page.locator('article a[href*="glossary.html#term-"]').first
    anchor = (link.get_attribute("href") or "").partition("#")[2]
    link.click()
    page.wait_for_url(f"**/glossary.html#{anchor}")
    target = page.locator(":target")
    assert target.get_attribute("id") == anchor
    sync_api.expect(target).to_be_in_viewport()
    assert page.evaluate("scrollY") > 0
    # A heading of the same page, from the list at the side.
    page.goto(CHAPTER)
    page.click('#pst-secondary-sidebar a[href="#quiz"]')
    sync_api.expect(page.locator("#quiz h2")).to_be_in_viewport()
    assert page.evaluate("document.querySelector(':target').id") == "quiz"


def test_launch_buttons_carry_the_repository(page: "sync_api.Page") -> None:
    page.goto(CHAPTER)
    links = page.locator(".dropdown-launch-buttons a")
    assert not links.first.is_visible()
    page.click(".dropdown-launch-buttons > button")
    links.first.wait_for()
    notebook = CHAPTER.replace(".html", ".ipynb")
    assert [link.get_attribute("href") for link in links.all()] == [
        f"https://mybinder.org/v2/gh/{FORK}/main?urlpath=lab/tree/{notebook}",
        f"https://colab.research.google.com/github/{FORK}/blob/main/{notebook}",
    ]


# --- reading and answering -------------------------------------------------------


def background(page: "sync_api.Page") -> str:
    return page.evaluate("getComputedStyle(document.body).backgroundColor")


def test_the_theme_is_switched_and_stays(page: "sync_api.Page") -> None:
    page.goto("book/welcome.html")
    light = background(page)
    for _ in range(3):  # of automatic, light and dark
        if page.evaluate("document.documentElement.dataset.mode") == "dark":
            break
        page.click(".theme-switch-button")
    dark = background(page)
    assert dark != light
    page.reload()
    assert background(page) == dark
    page.goto(CHAPTER)
    assert background(page) == dark
    assert page.evaluate("document.documentElement.dataset.theme") == "dark"
    visible = page.locator(".theme-switch-button i:visible")
    assert visible.evaluate_all("icons => icons.map(i => i.dataset.mode)") == ["dark"]


def test_every_icon_has_a_shape(page: "sync_api.Page") -> None:
    page.goto(CHAPTER)
    shapes = page.locator('[class*="fa-"]').evaluate_all(
        "icons => icons.map(icon => getComputedStyle(icon).maskImage.slice(0, 9))"
    )
    assert shapes
    assert set(shapes) == {'url("data'}


def test_a_solution_unfolds_by_mouse_and_keyboard(page: "sync_api.Page") -> None:
    page.goto(CHAPTER)
    details = page.locator(".tag_solution details").first
    summary = details.locator("summary")
    code = details.locator("pre").first
    assert summary.inner_text().strip() == "Show a solution"
    assert not code.is_visible()
    summary.click()
    assert code.is_visible()
    assert summary.inner_text().strip() == "Hide the solution"
    for key, visible in (("Enter", False), ("Space", True)):
        summary.press(key)
        assert code.is_visible() is visible, key


def test_quiz_answers_respond(page: "sync_api.Page") -> None:
    page.goto(CHAPTER)
    colours = []
    for kind, word in (("wrong", "No:"), ("right", "Right:")):
        answer = page.locator(f"#quiz details:has(> .answer-{kind})").first
        text = answer.locator("p")
        assert not text.is_visible()
        closed = answer.evaluate("a => getComputedStyle(a).backgroundColor")
        answer.locator("summary").click()
        assert text.is_visible()
        assert text.inner_text().startswith(word)
        page.mouse.move(0, 0)
        opened = answer.evaluate("a => getComputedStyle(a).backgroundColor")
        assert opened != closed
        colours.append(opened)
    assert len(set(colours)) == 2


@pytest.mark.parametrize("name", [CHAPTER, "book/program.html"])
def test_the_copy_button_copies_exactly_the_code(
    page: "sync_api.Page", name: str
) -> None:
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.goto(name)
    block = page.locator("div.highlight:has(> .copybtn):visible").first
    shown = block.locator("pre").inner_text().rstrip("\n")
    block.hover()
    block.locator(".copybtn").click()
    copied = page.evaluate("navigator.clipboard.readText()").rstrip("\n")
    assert copied
    assert copied == re.sub(r"(?m)^(>>> |\$ )", "", shown)


def test_formulas_are_set_and_can_be_read_aloud(page: "sync_api.Page") -> None:
    page.goto(CHAPTER)
    page.evaluate(SETTLED)
    formulas = page.locator("mjx-container")
    assert formulas.count() == page.locator(".math").count() > 0
    assert formulas.first.locator("mjx-assistive-mml math").count() == 1
    assert page.locator("mjx-merror").count() == 0


# --- any reader, any screen ------------------------------------------------------

FOCUSED = """() => {
  const here = document.activeElement;
  const stops = {
    'skip link': '.skip-link a',
    'search': '.search-button-field',
    'side bar': '.bd-docs-nav a',
    'theme switch': '.theme-switch-button',
    'copy button': '.copybtn',
    'solution': '.tag_solution summary',
    'quiz': '#quiz summary',
  };
  const style = getComputedStyle(here);
  const seen = here.checkVisibility({opacityProperty: true, visibilityProperty: true})
    && here.getBoundingClientRect().width > 0 && style.outlineStyle !== 'none';
  const name = Object.keys(stops).find(name => here.matches(stops[name]));
  return [name ?? '', seen ? '' : here.outerHTML.slice(0, 120)];
}"""


def test_the_keyboard_alone_reaches_everything(page: "sync_api.Page") -> None:
    page.goto(CHAPTER)
    page.evaluate(NEAR)
    page.evaluate(SETTLED)
    page.evaluate("scrollTo(0, 0)")
    reached: list[str] = []
    hidden = []
    for _ in range(300):
        page.keyboard.press("Tab")
        name, unseen = page.evaluate(FOCUSED)
        if name and name not in reached:
            reached.append(name)
        if unseen and not unseen.startswith("<body"):
            hidden.append(unseen)
        if unseen.startswith("<body") or name == "quiz":
            break
    assert reached == [
        *("skip link", "search", "side bar", "theme switch"),
        *("copy button", "solution", "quiz"),
    ]
    assert not hidden  # where the keyboard is, can be seen


def test_the_skip_link_skips(page: "sync_api.Page") -> None:
    page.goto(CHAPTER)
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    assert page.evaluate("document.querySelector(':target').tagName") == "MAIN"
    page.keyboard.press("Tab")
    assert page.evaluate("!!document.activeElement.closest('main')")


@pytest.mark.parametrize("name", ["book/welcome.html", CHAPTER, "book/glossary.html"])
def test_a_page_is_readable_without_scripts(new_page: NewPage, name: str) -> None:
    page = new_page(java_script_enabled=False)
    page.goto(name)
    assert page.locator("article h1").is_visible()
    assert page.locator("article p").first.is_visible()
    code = page.locator("article pre, article code")
    assert code.first.is_visible()
    assert not page.locator(".theme-switch-button").is_visible()  # it would do nothing


@pytest.mark.parametrize("name", ["book/welcome.html", CHAPTER, "search.html?q=logits"])
def test_a_page_works_when_the_network_is_cut(
    page: "sync_api.Page", address: str, name: str
) -> None:
    page.route(
        lambda url: not url.startswith(address), lambda route: route.abort("failed")
    )
    page.goto(name)
    page.evaluate(NEAR)
    page.evaluate(SETTLED)
    assert page.locator("#main-content h1:visible").first.is_visible()
    if name == CHAPTER:
        assert page.locator("mjx-container").count() > 0
    if name.startswith("search"):
        page.locator("#search-results li a").first.wait_for()


@pytest.mark.parametrize("name", JUMPS)
def test_nothing_jumps_while_a_page_loads(new_page: NewPage, name: str) -> None:
    """Figures arrive late here, on a screen so high that they are all on it."""
    page = new_page(height=4_000)

    def late(route: "sync_api.Route") -> None:
        time.sleep(0.1)
        route.continue_()

    page.route("**/_images/*", late)
    page.add_init_script(
        """window.shift = 0;
        new PerformanceObserver(list => list.getEntries().forEach(
          entry => { window.shift += entry.value }
        )).observe({type: 'layout-shift', buffered: true});"""
    )
    page.goto(name)
    page.evaluate(SETTLED)
    page.evaluate("new Promise(done => requestAnimationFrame(() => setTimeout(done)))")
    assert page.evaluate("shift") < SHIFT
    unsized = page.locator("article img:not([width][height])")
    assert unsized.count() == 0
