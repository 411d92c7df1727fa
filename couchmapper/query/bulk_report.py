"""What became of the documents that a query deleted or updated."""

import attrs

__all__ = ["BulkReport"]


@attrs.frozen(kw_only=True)
class BulkReport:
    """Numbers of documents: `matched` when the query began, and what became of them.

    `written` were saved or deleted; `unchanged` were left as they are by the function; `passed` no longer
    matched, or were gone, when their turn came.
    """

    matched: int = 0
    written: int = 0
    unchanged: int = 0
    passed: int = 0

    @property
    def left(self) -> int:
        """How many were not come to, or could not be written: none in the end."""
        return self.matched - self.written - self.unchanged - self.passed

    def __add__(self, other: "BulkReport") -> "BulkReport":
        return BulkReport(
            matched=self.matched + other.matched,
            written=self.written + other.written,
            unchanged=self.unchanged + other.unchanged,
            passed=self.passed + other.passed,
        )
