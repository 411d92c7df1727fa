"""Functions that are written as text for one class or type, and compiled on first use."""

import linecache
from typing import Any

__all__ = ["FunctionText"]


class FunctionText:
    """The text of one function, line by line, and the values that stand behind the names in it.

    Text that comes from an application, such as the name of a field, belongs into `bind`, or into a line by
    way of `repr`; a line is code.
    """

    def __init__(self, name: str, *parameters: str) -> None:
        self._name = name
        self._lines = [f"def {name}({', '.join(parameters)}):"]
        self._values: dict[str, Any] = {}

    def __str__(self) -> str:
        return "\n".join(self._lines) + "\n"

    def bind(self, hint: str, value: Any) -> str:
        """Return the name under which the function finds a value; the hint is for people who read it."""
        name = f"_{hint}_{len(self._values)}"
        self._values[name] = value
        return name

    def write(self, *lines: str, depth: int = 1) -> None:
        """Add lines at a depth of indentation."""
        self._lines.extend(f"{'    ' * depth}{line}" for line in lines)

    def compile(self, subject: str) -> Any:
        """Return the function; tracebacks show its text, under the name of its subject."""
        text, file = str(self), f"<couchmapper {self._name} {subject}>"
        linecache.cache[file] = (len(text), None, text.splitlines(keepends=True), file)
        exec(compile(text, file, "exec"), self._values)  # noqa: S102 - the text is our own
        return self._values[self._name]
