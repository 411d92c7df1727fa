"""The program `couchmapper`, one module for each command."""

from couchmapper.cli.main import main

__all__ = ["main"]
