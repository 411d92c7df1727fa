"""The page about searches: its programs run as one, on a store with a search service in front of it."""

import re
from contextlib import redirect_stdout
from io import StringIO
from pathlib import Path
from typing import Any

from search_stand_in import SearchStandIn

from couchmapper.database import Client
from couchmapper.embedded.transport import EmbeddedTransport

PAGE = Path(__file__).parent.parent / "docs" / "search.md"
BLOCK = re.compile(
    r"^```python\n(?P<code>.*?)^```$(?:\s*^```text\n(?P<output>.*?)^```$)?", re.MULTILINE | re.DOTALL
)


def test_every_block_prints_what_stands_behind_it():
    with SearchStandIn(EmbeddedTransport()) as service:
        names: dict[str, Any] = {"shop": Client(service).database("shop", create=True)}
        for block in BLOCK.finditer(PAGE.read_text(encoding="utf-8")):
            with redirect_stdout(StringIO()) as printed:
                exec(block["code"], names)  # noqa: S102 - our own page

            assert printed.getvalue() == (block["output"] or ""), block["code"]
