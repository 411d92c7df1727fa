"""Write the table of docs/from-ibmcloudant.md anew, from the rows that the tests compare with the SDK."""

import sys
from pathlib import Path

ROOT = Path(__file__).parent.parent
sys.path.insert(0, str(ROOT / "tests" / "client"))

from tables import ROWS  # noqa: E402 - found by the line above

PAGE = ROOT / "docs" / "from-ibmcloudant.md"
BEGIN = "<!-- the table below is written by scripts/peer_table.py -->\n"
END = "<!-- the end of the table -->\n"


def table() -> str:
    """Return a row for each operation of the SDK, as Markdown."""
    calls: dict[str, str] = {}
    for row in ROWS:
        if row.peer is not None:
            name = row.operation.replace("partition.", 'db.partition("p").')
            calls.setdefault(row.peer.name, name)
    rows = (f"| `{name}` | `{calls[name]}` |\n" for name in sorted(calls))
    return "| `CloudantV1` | couchmapper |\n|---|---|\n" + "".join(rows)


def page_with(rendered: str, page: str) -> str:
    """Return the page with another table between the two marks."""
    before, _, rest = page.partition(BEGIN)
    _, _, behind = rest.partition(END)
    return f"{before}{BEGIN}\n{rendered}\n{END}{behind}"


if __name__ == "__main__":
    PAGE.write_text(page_with(table(), PAGE.read_text(encoding="utf-8")), encoding="utf-8")
    print(f"{PAGE.name} is current")
