"""Measure what defining models costs, and what their first documents cost, in processes of their own.

    python benchmarks/models.py [MODELS] [FIELDS]

A module of so many model classes is imported, and one document of each is then read and written: that is when
the functions of a class are made. The types of the fields go round, as they do in a program. What is measured
is CPU time of the process after `import couchmapper`; of several rounds the best one counts.
"""

import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from itertools import cycle, islice
from pathlib import Path

ROUNDS = 3
HEAD = """
from datetime import datetime
from decimal import Decimal

from couchmapper import Document, Embedded, Mapped, field


class Part(Embedded):
    name: Mapped[str]
    price: Mapped[Decimal] = field(default=Decimal(0))
"""
TYPES = {
    "str": '"text"',
    "int": "5",
    "float": "1.5",
    "bool": "True",
    "str | None": "None",
    "datetime": '"2026-11-23T10:00:00.000000Z"',
    "Decimal": '"3.50"',
    "list[str]": '["a", "b"]',
    "dict[str, float]": '{"a": 1.5}',
    "list[Part]": '[{"name": "a", "price": "1.50"}]',
}


def module(models: int, fields: int) -> Iterator[str]:
    """Write a module of models, and beside each one a document."""
    yield HEAD
    kinds = list(islice(cycle(TYPES.items()), fields))
    for number in range(models):
        yield f"\n\nclass Model{number}(Document):"
        yield from (f"    field_{place}: Mapped[{kind}]" for place, (kind, _) in enumerate(kinds))
    document = ", ".join(f'"field_{place}": {value}' for place, (_, value) in enumerate(kinds))
    yield f"\n\nMODELS = [{', '.join(f'Model{number}' for number in range(models))}]"
    yield f"DOCUMENT = {{{document}}}"


def measure(directory: str) -> None:
    """Import the module and use each of its models; this is what the other process does."""
    import couchmapper  # noqa: F401, PLC0415 - what is measured comes after it
    from couchmapper.mapping import mapper  # noqa: PLC0415
    from couchmapper.mapping.metadata import metadata_of  # noqa: PLC0415

    sys.path.insert(0, directory)
    started = time.process_time()
    import models_of_a_program as program  # type: ignore[import-not-found]  # noqa: PLC0415 - it is written by now

    imported = time.process_time()
    for _ in range(2):
        before = time.process_time()
        for kind in program.MODELS:
            document = {"_id": "1", "_rev": "1-a", "type": metadata_of(kind).type, **program.DOCUMENT}
            loaded = mapper.load(kind, document)
            loaded.id = "1"
            mapper.dump(loaded)
        print(time.process_time() - before, end=" ")
    print(imported - started)


def main(models: int = 200, fields: int = 20) -> None:
    """Print milliseconds for all models."""
    with tempfile.TemporaryDirectory() as directory:
        text = "\n".join(module(models, fields))
        Path(directory, "models_of_a_program.py").write_text(text, encoding="utf-8")
        command = [sys.executable, __file__, "--measure", directory]
        rounds = [
            [float(one) for one in subprocess.run(command, check=True, capture_output=True).stdout.split()]  # noqa: S603 - itself
            for _ in range(ROUNDS + 1)
        ][1:]  # the first one compiles the module
    first, second, imported = (min(times) * 1e3 for times in zip(*rounds, strict=True))
    print(f"{models} models of {fields} fields, ms for all")
    print(f"  {'import':<40}{imported:>10.1f}")
    print(f"  {'first document of each, read and written':<40}{first:>10.1f}")
    print(f"  {'second document of each':<40}{second:>10.1f}")


if __name__ == "__main__":
    if sys.argv[1:2] == ["--measure"]:
        measure(sys.argv[2])
    else:
        main(*map(int, sys.argv[1:3]))
