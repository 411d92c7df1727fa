"""What an attribute of a design class has in common with the others, be it a view or an index."""

from abc import ABC, abstractmethod
from typing import ClassVar

from couchmapper.exceptions import DesignError
from couchmapper.mapping.declared import DeclaredIndex
from couchmapper.mapping.document import Document
from couchmapper.typing import JSONObject

__all__ = ["Declaration"]


class Declaration(ABC):
    """An attribute of a `Design` class: it writes its `definition` under its name into a design document.

    `kind` is what people call it, `member` the member of the design document that holds it, `language` that
    of the design document. What it says is not sent before the class is deployed.
    """

    kind: ClassVar[str]
    language: ClassVar[str] = "javascript"
    member: str = "views"

    _name: str = ""
    _design_name: str = ""
    _model: type[Document] | None = None
    _partitioned: bool | None = None

    def __set_name__(self, owner: type, name: str) -> None:
        self._name = self._name or name

    def __repr__(self) -> str:
        names = [name for name in (self._design_name, self._name) if name]
        return f"<{self.kind} {'/'.join(names) or 'of no Design'}>"

    @property
    def given_name(self) -> str:
        """The name in the program: that of the class attribute, unless another was given."""
        return self._name

    @property
    def name(self) -> str:
        """The name in the design document: the same, or one that tells more."""
        return self._name

    @property
    def design_name(self) -> str:
        """The name of the design class in CouchDB, without `_design/`."""
        self._owner()
        return self._design_name

    @property
    def model(self) -> type[Document]:
        """The model whose documents it is about."""
        return self._owner()

    @property
    def ddoc(self) -> str:
        """The name of the design document that it stands in, without `_design/`."""
        return self.design_name

    @property
    def partitioned(self) -> bool | None:
        """Whether each partition has one of its own; None where nothing is said of partitions."""
        self._owner()
        return self._partitioned

    def belong(self, design_name: str, model: type[Document], *, partitioned: bool | None) -> None:
        """Take the name and the model of the design class whose attribute this is, and what it is for."""
        self._design_name, self._model, self._partitioned = design_name, model, partitioned

    @abstractmethod
    def definition(self, model: type[Document]) -> JSONObject:
        """Return what stands under the name; raises `DesignError`, which begins with the name."""

    def declared(self) -> DeclaredIndex | None:
        """Return what queries may count on when this is deployed, or None when it serves no query."""
        return None

    def _owner(self) -> type[Document]:
        if self._model is None:
            raise DesignError(f"the {self.kind} {self._name!r} belongs to no Design class")
        return self._model
