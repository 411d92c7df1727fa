"""Every import points down the floors of the house; this table is the house."""

import ast
from collections.abc import Iterator, Mapping
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parent.parent / "couchmapper"

# The words stand in order: each may import those before it.
IN_ORDER = ("typing", "exceptions", "jsonio", "revisions", "collation", "streams", "messages", "multipart")
WORDS = frozenset(IN_ORDER)
TOP = frozenset({"database", "connect", "testing", "cli", "__main__", "__init__"})

# The rooms on the left may import the rooms on the right and themselves, and nothing else of couchmapper.
MAY_IMPORT: Mapping[str, frozenset[str]] = {
    # floor 0: words, one module each
    **{word: frozenset(IN_ORDER[:place]) for place, word in enumerate(IN_ORDER)},
    # floor 1: the expression tree
    "mango": WORDS,
    # floor 2: the seam, and who we are
    "transport": WORDS,
    "auth": WORDS | {"transport"},
    # floor 3: one module per chapter of CouchDB's API
    "client": WORDS | {"transport"},
    # floor 4: classes and documents, no I/O
    "mapping": WORDS | {"mango"},
    # floor 5: what is asked, and what the server is told once
    "query": WORDS | {"mango", "mapping"},
    "design": WORDS | {"mango", "mapping", "client"},
    # floor 6: where documents meet the network
    "session": WORDS | {"mango", "mapping", "client", "query", "transport"},
    "changes": WORDS | {"mapping", "client", "transport"},
    # the other tower: CouchDB in a SQLite file; it never sees the client
    "embedded": WORDS | {"mango"},
    # floor 7: the only rooms that know both towers
    **dict.fromkeys(
        TOP,
        WORDS
        | {
            "mango",
            "transport",
            "auth",
            "client",
            "mapping",
            "query",
            "design",
            "session",
            "changes",
            "embedded",
        }
        | TOP,
    ),
}

# Packages of other people that one room keeps to itself.
ONLY_IN = {
    "requests": {"transport/http"},
    "urllib3": {"transport/http"},
    "quickjs": {"embedded/queryserver"},
    "sqlite3": {"embedded"},
    "icu": {"collation.py"},
    "pandas": {"query/"},
    "pyarrow": {"query/"},
    "rich": {"cli"},
}

# Imports inside functions: optional extras, and rooms that most programs never enter.
LAZY = {
    ("auth/identity.py", "couchmapper.transport.http"),
    ("auth/jwt.py", "jwt"),
    ("cli/progress.py", "rich"),
    ("collation.py", "icu"),
    ("connect.py", "couchmapper.auth.configuration"),
    ("connect.py", "couchmapper.embedded"),
    ("connect.py", "couchmapper.transport.http"),
    ("database.py", "couchmapper.session.stored_conflicts"),
    ("query/arrow_types.py", "pyarrow"),
    ("query/frames.py", "pandas"),
    ("transport/tracing.py", "opentelemetry.trace"),
}

MODULES = sorted(PACKAGE.rglob("*.py"))


def place(module: Path) -> str:
    """Name a file as people do: `mango/nodes.py`."""
    return module.relative_to(PACKAGE).as_posix()


def room(dotted: str) -> str:
    """Name the room of a module: `couchmapper.mango.nodes` is in `mango`."""
    parts = dotted.split(".")
    return parts[1] if len(parts) > 1 else "__init__"


def dotted_name(module: Path) -> str:
    parts = ("couchmapper", *module.relative_to(PACKAGE).with_suffix("").parts)
    return ".".join(parts[:-1] if parts[-1] == "__init__" and len(parts) > 2 else parts)


NAMES = {dotted_name(module) for module in MODULES}


def imported(node: ast.AST) -> Iterator[str]:
    """Yield the full names of the modules that an import statement names."""
    match node:
        case ast.Import():
            yield from (alias.name for alias in node.names)
        case ast.ImportFrom(level=0, module=str() as source):
            names = {f"{source}.{alias.name}" for alias in node.names}
            yield from names & NAMES
            if not names <= NAMES:
                yield source
        case ast.ImportFrom():
            yield "." * node.level


def imports(module: Path) -> Iterator[str]:
    """Yield what a file imports, anywhere in it: also under TYPE_CHECKING and inside functions."""
    for node in ast.walk(ast.parse(module.read_text(encoding="utf-8"))):
        yield from imported(node)


def own_imports(module: Path) -> Iterator[str]:
    return (name for name in imports(module) if name.split(".")[0] == "couchmapper")


def local_imports(module: Path) -> Iterator[tuple[str, int]]:
    """Yield the imports inside functions, with their lines."""
    for function in ast.walk(ast.parse(module.read_text(encoding="utf-8"))):
        if isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef):
            for node in ast.walk(function):
                yield from ((name, node.lineno) for name in imported(node))  # type: ignore[attr-defined]


@pytest.mark.parametrize("module", MODULES, ids=place)
def test_every_room_is_in_the_table(module: Path):
    assert room(dotted_name(module)) in MAY_IMPORT


@pytest.mark.parametrize("module", MODULES, ids=place)
def test_imports_point_down(module: Path):
    here = room(dotted_name(module))
    upwards = {name for name in own_imports(module) if room(name) not in MAY_IMPORT[here] | {here}}

    assert not upwards, f"{here} may import only {sorted(MAY_IMPORT[here])}"


@pytest.mark.parametrize("module", MODULES, ids=place)
def test_imports_are_absolute(module: Path):
    assert not [name for name in imports(module) if name.startswith(".")]


@pytest.mark.parametrize("module", MODULES, ids=place)
def test_some_packages_have_one_room(module: Path):
    for name in {name.split(".")[0] for name in imports(module)} & ONLY_IN.keys():
        assert any(place(module).startswith(home) for home in ONLY_IN[name]), (
            f"{name} belongs to {ONLY_IN[name]}"
        )


@pytest.mark.parametrize("module", MODULES, ids=place)
def test_functions_import_nothing_but_what_is_listed(module: Path):
    unlisted = [
        f"line {line}: {name}"
        for name, line in local_imports(module)
        if not any(place(module) == home and name.startswith(lazy) for home, lazy in LAZY)
    ]

    assert not unlisted


def test_no_module_imports_itself_by_way_of_others():
    graph = {dotted_name(module): set(own_imports(module)) - {dotted_name(module)} for module in MODULES}

    try:
        TopologicalSorter(graph).prepare()
    except CycleError as circle:
        pytest.fail(" imports ".join(reversed(circle.args[1])))


def test_a_room_below_never_sees_one_above():
    graph = {name: below - {name} for name, below in MAY_IMPORT.items() if name not in WORDS | TOP}

    TopologicalSorter(graph).prepare()  # the table itself has no circle
