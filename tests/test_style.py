"""What style says and a machine can see."""

import ast
import importlib
from collections.abc import Iterator
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parent.parent / "couchmapper"
MODULES = sorted(PACKAGE.rglob("*.py"))
PACKAGES = [module for module in MODULES if module.name == "__init__.py"]

LONGEST_FILE = 400
LONGEST_FUNCTION = 60
FORBIDDEN_NAMES = {"utils", "util", "helpers", "helper", "common", "core", "misc"}
FORBIDDEN_ENDINGS = ("Manager", "Helper", "Util", "Utils", "Handler")

Function = ast.FunctionDef | ast.AsyncFunctionDef
Definition = Function | ast.ClassDef


def place(module: Path) -> str:
    return module.relative_to(PACKAGE.parent).as_posix()


def tree(module: Path) -> ast.Module:
    return ast.parse(module.read_text(encoding="utf-8"))


def dotted_name(module: Path) -> str:
    parts = module.relative_to(PACKAGE.parent).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def public_definitions(node: ast.Module | ast.ClassDef, prefix: str = "") -> Iterator[tuple[str, Definition]]:
    """Yield the public classes, functions and methods of a module, with their names inside it."""
    for child in node.body:
        if isinstance(child, Definition) and not child.name.startswith("_"):
            yield prefix + child.name, child
            if isinstance(child, ast.ClassDef):
                yield from public_definitions(child, f"{prefix}{child.name}.")


def needs_no_docstring(definition: Definition) -> bool:
    """An overload is documented by its implementation, and the setter of a property by its getter."""
    names = {ast.unparse(decorator).split(".")[-1] for decorator in definition.decorator_list}
    return bool(names & {"overload", "override", "setter", "deleter"})


@pytest.mark.parametrize("module", MODULES, ids=place)
def test_a_file_is_short(module: Path):
    assert len(module.read_text(encoding="utf-8").splitlines()) <= LONGEST_FILE


@pytest.mark.parametrize("module", MODULES, ids=place)
def test_a_function_is_short(module: Path):
    long = {
        node.name: length
        for node in ast.walk(tree(module))
        if isinstance(node, Function)
        and (length := (node.end_lineno or 0) - node.lineno + 1) > LONGEST_FUNCTION
    }

    assert not long


@pytest.mark.parametrize("module", MODULES, ids=place)
def test_names_say_what_a_thing_is(module: Path):
    assert not FORBIDDEN_NAMES & set(module.relative_to(PACKAGE).with_suffix("").parts)
    assert not [
        node.name
        for node in ast.walk(tree(module))
        if isinstance(node, ast.ClassDef) and node.name.endswith(FORBIDDEN_ENDINGS)
    ]


@pytest.mark.parametrize("module", MODULES, ids=place)
def test_a_module_says_what_it_is(module: Path):
    docstring = ast.get_docstring(tree(module))

    assert docstring
    assert docstring.splitlines()[0].endswith((".", ":", "?", "!"))


@pytest.mark.parametrize("module", MODULES, ids=place)
def test_public_names_have_docstrings(module: Path):
    undocumented = [
        name
        for name, definition in public_definitions(tree(module))
        if not ast.get_docstring(definition) and not needs_no_docstring(definition)
    ]

    assert not undocumented


@pytest.mark.parametrize("module", [module for module in MODULES if module not in PACKAGES], ids=place)
def test_modules_export_by_a_sorted_list(module: Path):
    exported = importlib.import_module(dotted_name(module))

    assert hasattr(exported, "__all__"), "every module says which of its names are public"
    assert not [name for name in exported.__all__ if not hasattr(exported, name)]
    assert list(exported.__all__) == sorted(exported.__all__, key=ruff_order)


@pytest.mark.parametrize("module", PACKAGES, ids=place)
def test_packages_only_export_again(module: Path):
    foreign = [
        ast.unparse(node).splitlines()[0]
        for node in tree(module).body
        if not isinstance(node, ast.Import | ast.ImportFrom)
        and not is_docstring(node)
        and not is_dunder(node)
    ]

    assert not foreign


@pytest.mark.parametrize("module", PACKAGES, ids=place)
def test_packages_export_what_they_import(module: Path):
    package = importlib.import_module(dotted_name(module))
    brought = {alias.asname or alias.name for node in tree(module).body for alias in aliases(node)}

    assert brought <= set(getattr(package, "__all__", ()))
    assert list(getattr(package, "__all__", ())) == sorted(getattr(package, "__all__", ()), key=ruff_order)


def aliases(node: ast.stmt) -> list[ast.alias]:
    return node.names if isinstance(node, ast.Import | ast.ImportFrom) else []


def is_docstring(node: ast.stmt) -> bool:
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)


def is_dunder(node: ast.stmt) -> bool:
    """`__all__ = [...]` and `__version__ = "..."`."""
    return isinstance(node, ast.Assign) and all(
        isinstance(target, ast.Name) and target.id.startswith("__") for target in node.targets
    )


def ruff_order(name: str) -> tuple[int, str]:
    """Ruff's order of names: CONSTANTS, then Classes, then functions."""
    kind = 0 if name.isupper() and len(name) > 1 else 1 if name[:1].isupper() else 2
    return kind, name
