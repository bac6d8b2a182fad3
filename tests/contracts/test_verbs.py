"""Every act that is recorded has a registered verb, and every verb a Chinese sentence."""

import ast
import importlib
import string
from pathlib import Path

import pytest
from django.conf import settings

from fanpin.audit.verbs import SENTENCES, sentence

ROOT = Path(settings.BASE_DIR)
APPS = ("fanpin", "households", "assistance", "monitoring", "counties")
MODULES = sorted(
    p for app in APPS for p in (ROOT / app).rglob("*.py") if "migrations" not in p.parts
)
OURS = sorted(verb for verb in SENTENCES if not verb.startswith("tests."))


def dotted(path: Path) -> str:
    name = ".".join(path.relative_to(ROOT).with_suffix("").parts)
    return name.removesuffix(".__init__")


def recordings() -> list[tuple[Path, ast.Call]]:
    return [
        (path, node)
        for path in MODULES
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Call)
        and ast.unparse(node.func).rpartition(".")[2] == "record"
        and node.args
    ]


def test_the_acts_are_found_in_the_code():
    assert len(recordings()) > 40


@pytest.mark.parametrize(
    ("path", "call"),
    [
        pytest.param(path, call, id=f"{path.relative_to(ROOT)}:{call.lineno}")
        for path, call in recordings()
    ],
)
def test_a_recorded_verb_is_registered(path, call):
    """A literal or a module's constant is looked up; what is only known at run time is refused by record itself."""
    verb = call.args[0]
    names = [verb.body, verb.orelse] if isinstance(verb, ast.IfExp) else [verb]
    module = importlib.import_module(dotted(path))
    for name in names:
        if isinstance(name, ast.Constant):
            assert name.value in SENTENCES
            continue
        root, *rest = ast.unparse(name).split(".")
        if not all(part.isidentifier() for part in (root, *rest)) or not hasattr(module, root):
            continue
        value = getattr(module, root)
        for part in rest:
            value = getattr(value, part)
        assert value in SENTENCES


@pytest.mark.parametrize("verb", OURS)
def test_a_verb_reads_noun_dot_verb_and_its_sentence_is_chinese(verb):
    noun, dot, act = verb.partition(".")
    assert dot
    assert noun.islower()
    assert act.replace("_", "").isalpha()
    text = sentence(verb, "王建国户")
    assert not text.isascii()
    assert "王建国户" in text
    names = {name for _, name, _, _ in string.Formatter().parse(SENTENCES[verb]) if name}
    assert names == {"subject"}


def test_no_two_acts_read_the_same():
    seen: dict[str, str] = {}
    for verb in OURS:
        assert SENTENCES[verb] not in seen, f"{verb} / {seen.get(SENTENCES[verb])}"
        seen[SENTENCES[verb]] = verb
