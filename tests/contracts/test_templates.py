"""Templates speak Chinese, and hold nothing that a strict Content-Security-Policy would drop without a word."""

import re
from html.parser import HTMLParser
from pathlib import Path

import pytest
from django.conf import settings
from django.template import engines
from django.template.loader import get_template

ROOT = Path(settings.BASE_DIR, "templates")
TEMPLATES = sorted(ROOT.rglob("*.html"))
STATIC = sorted(Path(settings.BASE_DIR, "static").rglob("*.*"))
TAG = re.compile(r"\{%.*?%\}|\{\{.*?\}\}|\{#.*?#\}", re.DOTALL)
COMMENT = re.compile(r"\{% comment %\}.*?\{% endcomment %\}|<!--.*?-->", re.DOTALL)
SHOWN_ATTRIBUTES = {"title", "alt", "placeholder", "aria-label", "label", "data-confirm"}
# Names and abbreviations that a caseworker reads every day; everything else is Chinese.
KNOWN_WORDS = {
    "xlsx", "docx", "csv", "pdf", "jpg", "png", "excel", "ctrl", "alt", "tab", "enter", "esc", "gps",
    "id", "mb", "kb", "api", "n", "m", "x", "km",
}  # fmt: skip

every_template = pytest.mark.parametrize("path", TEMPLATES, ids=lambda p: str(p.relative_to(ROOT)))


def without_tags(path: Path) -> str:
    return TAG.sub(" ", COMMENT.sub(" ", path.read_text()))


@every_template
def test_nothing_inline(path):
    text = path.read_text()
    for pattern in (
        r"\sstyle\s*=",
        r"<style",
        r"\son[a-z]+\s*=",
        r"<script(?![^>]*\ssrc=)",
        r"javascript:",
        r"\shx-on",
        r"\shx-vals\s*=\s*[\"']js:",
    ):
        assert not re.search(pattern, text, re.IGNORECASE), pattern


@every_template
def test_no_asset_from_elsewhere(path):
    text = without_tags(path)
    assert not re.search(r"(?:src|href|action)\s*=\s*[\"'](?:https?:)?//", text)
    assert "@import" not in text


@every_template
def test_a_template_compiles(path):
    get_template(str(path.relative_to(ROOT)))


class Shown(HTMLParser):
    """The text a reader sees, and the attributes a screen shows or reads aloud."""

    def __init__(self) -> None:
        super().__init__()
        self.texts: list[str] = []
        self.silent = 0

    def handle_starttag(self, tag, attrs):
        if tag in ("script", "style", "code", "kbd"):
            self.silent += 1
        self.texts += [value for name, value in attrs if name in SHOWN_ATTRIBUTES and value]

    def handle_endtag(self, tag):
        if tag in ("script", "style", "code", "kbd"):
            self.silent -= 1

    def handle_data(self, data):
        if not self.silent:
            self.texts.append(data)


@every_template
def test_no_english_word_is_shown(path):
    reader = Shown()
    text = without_tags(path)
    # A fragment may be the attributes of an element.
    reader.feed(text if "<" in text else f"<div {text}>")
    words = {
        word.lower()
        for text in reader.texts
        for word in re.findall(r"[A-Za-z]{2,}", re.sub(r"&[a-z]+;", " ", text))
    }
    assert words - KNOWN_WORDS == set()


TITLE_ARGUMENT = re.compile(r"\{%\s*(?:action|figure|fieldset|chip)\s+\"([^\"]*)\"")


@every_template
def test_labels_given_to_components_are_chinese(path):
    found = [label for label in TITLE_ARGUMENT.findall(path.read_text()) if label.isascii()]
    assert found == [] or path.parent.name == "web"


@pytest.mark.parametrize(
    "path", [p for p in STATIC if p.suffix in (".css", ".js")], ids=lambda p: p.name
)
def test_static_files_load_nothing_from_elsewhere(path):
    text = path.read_text()
    assert not re.search(r"url\(\s*[\"']?(?:https?:)?//|@import|eval\(|new Function", text)
    found = set(re.findall(r"https?://[^\s\"')]+", text))
    assert found <= {"http://www.w3.org/2000/svg", "http://www.w3.org/1999/xhtml"}


def test_the_browser_is_told_the_same():
    policy = settings.CONTENT_SECURITY_POLICY["DIRECTIVES"]
    for directive in ("default-src", "script-src", "style-src"):
        assert [str(v) for v in policy[directive]] == ["'self'"]
    assert engines["django"].engine.autoescape


@every_template
def test_nothing_is_marked_safe_in_a_template(path):
    text = path.read_text()
    assert not re.search(r"\|\s*safe\b|\{%\s*autoescape off", text)


@every_template
def test_every_post_form_carries_its_token(path):
    text = path.read_text()
    for form in re.findall(r"<form\b[^>]*method=\"post\".*?</form>", text, re.DOTALL):
        assert "csrf_token" in form or "csrf" in form


@every_template
def test_an_element_that_asks_by_itself_does_not_count_as_work(path):
    """fanpin.accounts.middleware.SessionClock and frame.js know it by these two marks."""
    for start in re.finditer(r"hx-trigger=\"every", path.read_text()):
        rest = path.read_text()[start.start() :].split("\n")[0]
        assert """hx-headers='{"HX-Poll": "1"}' data-poll""" in rest
