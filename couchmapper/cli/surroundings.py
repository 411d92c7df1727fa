"""What surrounds a command: the environment, directories and streams of its process, or others in tests."""

import sys
from collections.abc import Mapping
from pathlib import Path
from typing import TextIO

import attrs

__all__ = ["Surroundings"]


@attrs.frozen(kw_only=True)
class Surroundings:
    """Where a command runs; None stands for what the process has."""

    environ: Mapping[str, str] | None = None
    cwd: Path | None = None
    home: Path | None = None
    output: TextIO = attrs.field(factory=lambda: sys.stdout)
    errors: TextIO = attrs.field(factory=lambda: sys.stderr)
