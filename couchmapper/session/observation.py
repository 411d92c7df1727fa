"""What a session wrote while a query was gone through: what was read before that is old."""

__all__ = ["Observation"]


class Observation:
    """Notes the ids of written documents in their order, so that one can ask what came after a moment."""

    def __init__(self) -> None:
        self._moments: dict[str, int] = {}
        self._now = 0

    @property
    def now(self) -> int:
        """This moment; what is noted later comes after it."""
        return self._now

    def note(self, document_id: str) -> None:
        """Note that a document was written."""
        self._moments.pop(document_id, None)
        self._now += 1
        self._moments[document_id] = self._now

    def is_older(self, moment: int, document_id: str) -> bool:
        """Tell whether a document was written after a moment, so that what was read then is old."""
        return self._moments.get(document_id, 0) > moment

    def forget(self, moment: int) -> None:
        """Forget what was written up to a moment: nothing is asked about it any more."""
        while self._moments:
            document_id = next(iter(self._moments))
            if self._moments[document_id] > moment:
                return
            del self._moments[document_id]
