"""The page about schema versions: its programs and commands run in one directory, as they stand there."""

import re
import shlex
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

PAGE = Path(__file__).parent.parent / "docs" / "schema-versions.md"
BLOCK = re.compile(
    r"^```(?P<kind>python|sh)\n(?P<code>.*?)^```$(?:\s*^```text\n(?P<output>.*?)^```$)?",
    re.MULTILINE | re.DOTALL,
)


def run(arguments: Sequence[str], directory: Path) -> str:
    done = subprocess.run(
        [sys.executable, "-W", "error", *arguments],
        cwd=directory,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")
    return done.stdout


def command_of(kind: str, code: str, directory: Path) -> list[str]:
    """Return the arguments with which Python runs a block."""
    if kind == "sh":
        return ["-m", *shlex.split(code)]
    (directory / "program.py").write_text(code, encoding="utf-8")
    return ["program.py"]


def test_every_block_does_what_the_page_says(tmp_path: Path):
    module, *blocks = BLOCK.finditer(PAGE.read_text(encoding="utf-8"))
    (tmp_path / "people.py").write_text(module["code"], encoding="utf-8")

    printed = [run(command_of(block["kind"], block["code"], tmp_path), tmp_path) for block in blocks]

    assert printed == [block["output"] for block in blocks]
