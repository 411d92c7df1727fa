"""Write the tables of docs/configuration.md anew, from the tables in the code; run it when those change."""

import sys
from collections.abc import Iterator
from pathlib import Path

from couchmapper.auth.kinds import KINDS
from couchmapper.auth.properties import PROPERTIES, TEXT, Property

PAGE = Path(__file__).parent.parent / "docs" / "configuration.md"
BEGIN = "<!-- the tables below are written by scripts/property_table.py -->\n"
END = "<!-- the end of the tables -->\n"


def tables() -> str:
    """Return the tables of all properties, as Markdown."""
    parts = {"The store and the connection": False, "Authentication": True}
    return "\n".join("".join(_table(title, of_kinds=of_kinds)) for title, of_kinds in parts.items())


def page_with(rendered: str, page: str) -> str:
    """Return the page with other tables between the two marks."""
    before, _, rest = page.partition(BEGIN)
    _, _, behind = rest.partition(END)
    return f"{before}{BEGIN}\n{rendered}\n{END}{behind}"


def _table(title: str, *, of_kinds: bool) -> Iterator[str]:
    yield f"### {title}\n\n"
    yield f"| property | meaning | value | default |{' read by |' if of_kinds else ''}\n"
    yield f"|---|---|---|---|{'---|' if of_kinds else ''}\n"
    for name, known in PROPERTIES.items():
        readers = [kind.name for kind in KINDS.values() if name in kind.reads]
        if name == "AUTH_TYPE":
            readers = ["all"]
        if bool(readers) == of_kinds:
            yield _row(known) + (f" {', '.join(readers)} |\n" if of_kinds else "\n")


def _row(known: Property) -> str:
    value = "a secret" if known.secret else "a text" if known.form is TEXT else known.form.expected
    return f"| `{known.name}` | {known.meaning} | {value} | {known.default} |"


if __name__ == "__main__":
    PAGE.write_text(page_with(tables(), PAGE.read_text(encoding="utf-8")), encoding="utf-8")
    sys.stdout.write(f"{PAGE.name} is current\n")
