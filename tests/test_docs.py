"""What the documents name exists."""

import os
import re
import tomllib
from pathlib import Path
from urllib.parse import urlsplit

import click
import pytest

from qa.commands.root import cli
from qa.settings import Settings
from vectorstore.manifest import load_manifest

ROOT = Path(__file__).parents[1]
DOCUMENTS = [ROOT / "README.md", ROOT / "CHANGELOG.md", ROOT / "seeds" / "README.md", *sorted(ROOT.glob("docs/*.md"))]
LINK = re.compile(r"\]\(([^)\s]+)\)")
CODE = re.compile(r"`([^`\n]+)`|^ {4}(.+)$", re.MULTILINE)
# Known registries, and what an address of a mirror of one would look like.
REGISTRY = re.compile(r"pypi|pythonhosted|artifactory|nexus|index-url|/simple\b", re.IGNORECASE)

each_document = pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))


def commands(text: str) -> list[str]:
    """What stands as code, inline or in an indented block."""
    return [inline or block for inline, block in CODE.findall(text)]


@each_document
def test_relative_links_exist(document: Path) -> None:
    for target in LINK.findall(document.read_text(encoding="utf-8")):
        parts = urlsplit(target)
        if not parts.scheme and parts.path:
            assert (document.parent / parts.path).exists(), target


@each_document
def test_subcommands_and_their_options_exist(document: Path) -> None:
    for command in commands(document.read_text(encoding="utf-8")):
        words = command.split()
        if words[0] != "isisk-qa":
            continue
        found: click.Command = cli
        for word in words[1:]:
            if isinstance(found, click.Group):
                assert word in found.commands, command
                found = found.commands[word]
            elif word.startswith("--"):
                options = {name for parameter in found.params for name in parameter.opts}
                assert word in options, command


@each_document
def test_make_targets_exist(document: Path) -> None:
    rules = re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE)
    for command in commands(document.read_text(encoding="utf-8")):
        if match := re.match(r"make ([a-z-]+)", command):
            assert match[1] in rules, command


@each_document
def test_settings_exist(document: Path) -> None:
    known = {f"ISISK_QA_{name.upper()}" for name in Settings.model_fields}
    assert set(re.findall(r"ISISK_QA_[A-Z_]+", document.read_text(encoding="utf-8"))) <= known


@each_document
def test_no_registry_is_named(document: Path) -> None:
    assert not REGISTRY.search(document.read_text(encoding="utf-8"))


def test_every_subcommand_is_in_the_readme() -> None:
    text = "\n".join(commands((ROOT / "README.md").read_text(encoding="utf-8")))
    assert [name for name in cli.commands if f"isisk-qa {name}" not in text] == []


def test_the_manifest_of_the_readme_is_valid(tmp_path: Path) -> None:
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    examples = re.findall(r"^```toml\n(.*?)^```", text, re.MULTILINE | re.DOTALL)
    assert len(examples) == 1
    (tmp_path / "catalog.toml").write_text(examples[0], encoding="utf-8")
    (entry,) = load_manifest(tmp_path / "catalog.toml").values()
    assert (entry.id, entry.published) == ("example-2022-03", "2022-03")


def test_dependencies_are_described() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    table = (ROOT / "docs" / "dependencies.md").read_text(encoding="utf-8")
    named = project["dependencies"] + project["optional-dependencies"]["dev"]
    assert [name for each in named if (name := re.split(r"[<>=]", each)[0]) not in re.findall(r"[\w-]+", table)] == []


def test_the_screenshot_is_the_programs_own() -> None:
    drawing = (ROOT / "docs" / "images" / "screenshot.svg").read_text(encoding="utf-8")
    plain = drawing.replace("&#160;", " ")
    assert "isisk-qa · no model · 5 articles" in plain
    assert "@font-face" not in drawing
    assert os.fspath(ROOT) not in drawing
