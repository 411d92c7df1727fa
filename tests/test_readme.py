"""The programs of README.md and of other pages run as they are printed, and print what the page says.

The blocks of Python of a page are one program, in the order of the page: each sees the names of those
before. A block of text right behind a block of Python is what that block prints.
"""

import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
README = ROOT / "README.md"
NAMES = ("designs", "expressions", "models", "queries", "results", "semantics", "sessions", "views")
PAGES = (README, *(ROOT / "docs" / f"{name}.md" for name in NAMES))

BLOCK = re.compile(
    r"^```python\n(?P<code>.*?)^```$(?:\s*^```text\n(?P<output>.*?)^```$)?", re.MULTILINE | re.DOTALL
)
MARK = "--- end of block"


def blocks(page: Path) -> list[tuple[str, str | None]]:
    return [(found["code"], found["output"]) for found in BLOCK.finditer(page.read_text(encoding="utf-8"))]


def run(program: str, directory: Path) -> str:
    """Run a program with warnings as errors, in an empty directory; return what it prints."""
    script = directory / "readme.py"
    script.write_text(program, encoding="utf-8")
    done = subprocess.run(
        [sys.executable, "-W", "error", script], cwd=directory, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
    return done.stdout


def test_the_first_program_runs_as_printed(tmp_path: Path):
    assert run(blocks(README)[0][0], tmp_path) == "invoice Ann\n"


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_every_block_runs_after_those_before_it(page: Path, tmp_path: Path):
    programs = blocks(page)

    printed = run("".join(f"{code}\nprint({MARK!r})\n" for code, _ in programs), tmp_path).split(f"{MARK}\n")

    assert len(printed) == len(programs) + 1
    for (code, expected), actual in list(zip(programs, printed, strict=False))[page == README :]:
        assert actual == (expected or ""), code
