"""`python -m couchmapper` is the program `couchmapper`."""

import sys

from couchmapper.cli import main

__all__: list[str] = []

if __name__ == "__main__":
    sys.exit(main())
