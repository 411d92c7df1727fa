"""Run the first program of README.md as it is printed there, and show the documents that it left."""

import json
import re
from pathlib import Path

from couchmapper import Database

README = Path(__file__).parent.parent / "README.md"


def first_program(readme: str) -> str:
    """Return the first block of Python in a Markdown text, at the line where it stands there."""
    found = re.search(r"^```python\n(.*?)^```$", readme, re.MULTILINE | re.DOTALL)
    if found is None:
        raise SystemExit("README.md holds no program")
    return "\n" * readme.count("\n", 0, found.start(1)) + found[1]


def main() -> None:
    """Run the program in a fresh namespace, then print what its databases hold."""
    program = first_program(README.read_text(encoding="utf-8"))
    print("The first program of README.md, on the embedded store, prints:\n")
    namespace: dict[str, object] = {"__name__": "__main__"}
    exec(compile(program, "README.md", "exec"), namespace)  # noqa: S102 - the program is our own
    for database in (value for value in namespace.values() if isinstance(value, Database)):
        print(f"\nand the database {database.name!r} now holds:\n")
        for row in database.bulk.all_docs(include_docs=True)["rows"]:
            print(json.dumps(row["doc"], indent=2, ensure_ascii=False))


if __name__ == "__main__":
    main()
