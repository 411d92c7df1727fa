"""`Link`: what a view that was declared with `link=` has as its values."""

from typing import TypeVar

from couchmapper.exceptions import InvalidAnswer
from couchmapper.mapping.metadata import Identified
from couchmapper.mapping.references import Ref
from couchmapper.typing import JSON

__all__ = ["Link", "load_link"]

R_co = TypeVar("R_co", bound=Identified, covariant=True)


class Link(Ref[R_co]):
    """A reference as the value of a row, from which `documents()` yields what is referred to.

    In JSON it is `{"_id": "customer:ann"}`, as CouchDB's linked documents are.
    """

    __slots__ = ()


def load_link(value: JSON) -> Link[Identified]:
    """Read the value of a row; raises `InvalidAnswer` for what the generated map function never emits."""
    if not isinstance(value, dict) or type(value.get("_id")) is not str or not value["_id"]:
        raise InvalidAnswer(
            f"the value of a row is no link to a document, got {value!r}: deploy the design anew"
        )
    return Link(value["_id"])
