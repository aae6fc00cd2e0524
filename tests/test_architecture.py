"""The directions of imports, one module for each SDK, and the size of files, as docs and design have them.

Read from the syntax tree: nothing is imported, and imports inside functions count.
"""

import ast
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
PACKAGES = ("qa", "vectorstore", "prompts", "seeds")
MAX_LINES = 350


@dataclass(frozen=True)
class Import:
    """``name`` is the dotted name of a module, or of something in one; ``deferred`` inside a function."""

    name: str
    deferred: bool
    typing_only: bool


@dataclass(frozen=True)
class Module:
    name: str
    path: Path
    tree: ast.Module
    imports: tuple[Import, ...]


def read(path: Path) -> Module:
    parts = path.relative_to(ROOT).with_suffix("").parts
    name = ".".join(parts[:-1] if parts[-1] == "__init__" else parts)
    tree = ast.parse(path.read_text("utf-8"))
    return Module(name, path, tree, tuple(imports_of(tree)))


def imports_of(node: ast.AST, deferred: bool = False, typing_only: bool = False) -> Iterator[Import]:
    for child in ast.iter_child_nodes(node):
        inside = deferred or isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda)
        guarded = typing_only or (isinstance(child, ast.If) and ast.unparse(child.test).endswith("TYPE_CHECKING"))
        if isinstance(child, ast.Import):
            names = [alias.name for alias in child.names]
        elif isinstance(child, ast.ImportFrom):
            assert child.level == 0, "relative imports hide where they go"
            names = [f"{child.module}.{alias.name}" for alias in child.names]
        elif isinstance(child, ast.Call) and ast.unparse(child.func).split(".")[-1] in ("import_module", "__import__"):
            names = [
                arg.value for arg in child.args[:1] if isinstance(arg, ast.Constant) and isinstance(arg.value, str)
            ]
        else:
            names = []
        yield from (Import(name, deferred, typing_only) for name in names)
        yield from imports_of(child, inside, guarded)


MODULES = [read(path) for package in PACKAGES for path in sorted((ROOT / package).rglob("*.py"))]
NAMES = {module.name for module in MODULES}


def wrong_in(check: Callable[[Module], list[str]]) -> dict[str, list[str]]:
    """What a check finds, by module; empty when all is well."""
    return {module.name: found for module in MODULES if (found := check(module))}


def within(name: str, *prefixes: str) -> bool:
    """Whether a dotted name is one of the prefixes or below one."""
    return any(name == prefix or name.startswith(f"{prefix}.") for prefix in prefixes)


def target(name: str) -> str:
    """The module of ours that an import names, itself or by something in it; empty for others' modules."""
    return next((prefix for prefix in (name, name.rpartition(".")[0]) if prefix in NAMES), "")


def test_there_is_something_to_check() -> None:
    assert {"qa.app", "qa.chain", "vectorstore.index", "prompts", "seeds"} <= NAMES


# What each package may import of ours.
MAY_IMPORT = {
    "seeds": ("seeds",),
    "prompts": ("prompts",),
    "vectorstore": ("vectorstore",),
    "qa": ("qa", "vectorstore", "prompts", "seeds"),
}


def test_packages_import_in_one_direction() -> None:
    def check(module: Module) -> list[str]:
        allowed = MAY_IMPORT[module.name.split(".")[0]]
        ours = [item.name for item in module.imports if within(item.name, *PACKAGES, "tests")]
        return [name for name in ours if not within(name, *allowed)]

    assert wrong_in(check) == {}


# cli | tui | evaluation -> app -> chain -> the rest of qa. Data models at the edges of these may be named anywhere.
FRONTS = ("qa.commands", "qa.tui", "qa.evaluation")
ONLY_BY = {
    "qa.cli": ("qa.__main__",),
    "qa.commands": ("qa.cli", "qa.commands"),
    "qa.tui": ("qa.commands", "qa.tui"),
    "qa.evaluation": ("qa.commands", "qa.evaluation"),
    "qa.app": FRONTS,
    "qa.chain": ("qa.app", "qa.replay", *FRONTS),
    "qa.replay": ("qa.app", *FRONTS),
    # Lower layers take arguments.
    "qa.settings": ("qa.app", *FRONTS),
    # Click's errors and options stay at the command line.
    "click": ("qa.commands", "qa.progress"),
    "textual": ("qa.tui",),
}


def test_upper_layers_are_imported_by_the_layers_above_them() -> None:
    def check(module: Module) -> list[str]:
        return [
            item.name
            for item in module.imports
            for layer, users in ONLY_BY.items()
            if within(item.name, layer) and not within(module.name, layer, *users)
        ]

    assert wrong_in(check) == {}


# The one module, or two for two uses, that knows an SDK and translates its errors.
SDKS = {
    "chromadb": {"vectorstore.index"},
    "openai": {"qa.providers", "vectorstore.embedding"},
    "langchain_openai": {"qa.providers"},
    "httpx": {"vectorstore.serving.http_session"},
    "xllamacpp": {"qa.local_worker"},
    "onnxruntime": {"vectorstore.embedding"},
    "tokenizers": {"vectorstore.embedding"},
    "trafilatura": {"vectorstore.formats.html"},
    "lxml": {"vectorstore.formats.html", "vectorstore.formats.page"},
    "pypdf": {"vectorstore.formats.pdf"},
    "charset_normalizer": {"vectorstore.decoding"},
    "ir_measures": {"qa.evaluation.retrieval"},
    "jinja2": {"qa.evaluation.report.html"},
    "matplotlib": {"qa.evaluation.report.plots"},
    "junitparser": {"qa.evaluation.report.junit"},
    "filelock": {"vectorstore.writer_lock"},
    "aiohttp": {"qa.web"},
    "textual_serve": {"qa.web"},
    "platformdirs": {"qa.settings"},
    "pydantic_settings": {"qa.settings"},
    # Sunset, deprecated, or in place of something that is here.
    "langchain_community": set[str](),
    "langchain_classic": set[str](),
    "langchain_chroma": set[str](),
}


@pytest.mark.parametrize("sdk", SDKS)
def test_each_sdk_has_its_module(sdk: str) -> None:
    users = {module.name for module in MODULES for item in module.imports if within(item.name, sdk)}
    assert users <= SDKS[sdk]


# `isisk-qa --help` must not wait for them, nor a question for what reads files.
HEAVY = (
    "chromadb", "openai", "langchain_openai", "xllamacpp", "onnxruntime", "tokenizers",
    "trafilatura", "lxml", "pypdf", "charset_normalizer", "jinja2", "matplotlib", "junitparser", "qa.web",
)  # fmt: skip


def test_heavy_imports_wait_until_they_are_needed() -> None:
    def check(module: Module) -> list[str]:
        early = [item.name for item in module.imports if not item.deferred and not item.typing_only]
        return [name for name in early if within(name, *HEAVY)]

    assert wrong_in(check) == {}


def test_no_circles() -> None:
    graph = {
        module.name: {target(item.name) for item in module.imports if not item.typing_only} - {"", module.name}
        for module in MODULES
    }
    open_ends = dict(graph)
    while free := [name for name, needed in open_ends.items() if not needed & open_ends.keys()]:
        for name in free:
            del open_ends[name]
    assert sorted(open_ends) == []


def test_files_have_one_subject() -> None:
    lines = {module.name: len(module.path.read_text("utf-8").splitlines()) for module in MODULES}
    assert {name: count for name, count in lines.items() if count > MAX_LINES} == {}


_TO_A_MODEL = re.compile(
    r"\s*(?:you are (?:a|an|the)\b|answer (?:the|using|only)\b|use only the\b|system ?:)", re.IGNORECASE
)


def test_prompts_are_files() -> None:
    def check(module: Module) -> list[str]:
        constants = [node.value for node in ast.walk(module.tree) if isinstance(node, ast.Constant)]
        texts = [value for value in constants if isinstance(value, str) and len(value.split()) > 8]
        return [text[:80] for text in texts if _TO_A_MODEL.match(text)]

    assert wrong_in(check) == {}
