"""The documents name only commands and options that exist, and files that are there."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator

import click
import pytest

from matcher.cli import main

from .conftest import ROOT

DOCUMENTS = ["README.md", "CONTRIBUTING.md", "ARCHITECTURE.md", "BENCHMARKS.md", "corpora/postings/README.md"]


@pytest.fixture
def document(request: pytest.FixtureRequest) -> str:
    path = ROOT / request.param
    if not path.exists():
        pytest.skip(f"{request.param} is not written yet")
    return path.read_text(encoding="utf-8")


def commands(text: str) -> Iterator[list[str]]:
    """The `matcher …` commands of a document: in code blocks and in inline code."""
    lines = re.findall(r"`(matcher [^`\n]*)`", re.sub(r"```.*?```", "", text, flags=re.S))
    for block in re.findall(r"```(?:sh|shell|bash|console|powershell|text)?\n(.*?)```", text, flags=re.S):
        lines += [
            part
            for line in block.replace("\\\n", " ").splitlines()
            for part in re.findall(r"(?:^|[|&;$>] *|python -m )(matcher +[a-z][^|&;#>]*)", line.strip())
        ]
    for line in lines:
        try:
            yield shlex.split(line.replace("…", "").replace("'s", "s"))
        except ValueError:
            continue


def known(words: list[str]) -> None:
    """Assert that a command exists with the options given."""
    command: click.Command = main
    words = words[1:]
    for i, word in enumerate(words):
        if "|" in word and not word.startswith("-"):
            # `skills search|show` stands for both
            for one in word.split("|"):
                known(["matcher", *words[:i], one, *words[i + 1 :]])
            return
    while isinstance(command, click.Group) and words and not words[0].startswith("-"):
        assert words[0] in command.commands, f"no such command: {words[0]}"
        command, words = command.commands[words[0]], words[1:]
    options = {name for p in command.params for name in (*p.opts, *p.secondary_opts)} | {"--help", "-h", "--version"}
    for word in words:
        if re.match(r"--?[a-z]", word):
            assert word.split("=")[0] in options, f"{command.name} has no option {word}"


@pytest.mark.parametrize("document", DOCUMENTS, indirect=True, ids=str)
def test_commands_and_options_exist(document: str) -> None:
    for words in commands(document):
        known(words)


@pytest.mark.parametrize("document", DOCUMENTS, indirect=True, ids=str)
def test_links_to_files_lead_somewhere(document: str, request: pytest.FixtureRequest) -> None:
    folder = (ROOT / request.node.callspec.params["document"]).parent
    for target in re.findall(r"\]\(([^)#\s]+)", document):
        if not re.match(r"[a-z]+:", target):
            assert (folder / target).exists(), target


@pytest.mark.parametrize("document", ["README.md"], indirect=True)
def test_the_readme_shows_the_main_job_first(document: str) -> None:
    head = document[:4000]
    assert "matcher match" in head
    assert "pytest" in head or "make test" in head
    assert list(commands(document))


def test_this_test_would_notice() -> None:
    with pytest.raises(AssertionError, match="no such command"):
        known(["matcher", "mach", "x"])
    with pytest.raises(AssertionError, match="no option"):
        known(["matcher", "match", "--formatt", "x"])
    found = list(
        commands("Use `matcher match ad.txt`.\n```sh\n$ matcher extract - | matcher match --top 3  # x\n```\n")
    )
    assert found == [["matcher", "match", "ad.txt"], ["matcher", "extract", "-"], ["matcher", "match", "--top", "3"]]


@pytest.mark.parametrize("name", sorted(p.name for p in (ROOT / "corpora" / "postings").glob("*.txt")))
def test_sample_ads_give_an_answer(name: str) -> None:
    from matcher import match

    text = (ROOT / "corpora" / "postings" / name).read_text(encoding="utf-8")
    report = match(text)
    assert len([r for r in report.requirements if r.need == "required"]) >= 5
    assert any(r.need == "preferred" for r in report.requirements)
    assert any(r.need == "not_required" for r in report.requirements)
    assert len(report.barriers) >= 2
    assert len(report.ranking) == 10
    assert report.ranking[0].score >= 0.05


def test_no_stray_folders() -> None:
    named = {p.name for p in ROOT.iterdir() if p.is_dir() and not p.name.startswith((".", "_"))}
    assert named - {"build", "dist"} <= {"matcher", "corpora", "notebooks", "tests"}
