"""Classes ⇄ JSON documents, without I/O."""

from couchmapper.mapping.document import Document
from couchmapper.mapping.expressions import EmbeddedField, Field
from couchmapper.mapping.fields import Mapped, field
from couchmapper.mapping.hooks import Change
from couchmapper.mapping.inverses import inverse
from couchmapper.mapping.model import Embedded
from couchmapper.mapping.references import Ref

__all__ = [
    "Change",
    "Document",
    "Embedded",
    "EmbeddedField",
    "Field",
    "Mapped",
    "Ref",
    "field",
    "inverse",
]
