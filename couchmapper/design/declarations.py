"""Design documents as classes: `class OrderViews(Design, model=Order)`; views and indexes are attributes."""

from collections.abc import Iterable, Iterator, Mapping
from functools import partial
from typing import Any, ClassVar

import attrs

from couchmapper.client.database import Database
from couchmapper.design.declaration import Declaration
from couchmapper.design.deploy import deploy
from couchmapper.design.views import View
from couchmapper.exceptions import DesignError
from couchmapper.mapping.declared import DeclaredIndex, declare_together
from couchmapper.mapping.document import Document
from couchmapper.mapping.metadata import metadata_of, snake_case
from couchmapper.typing import JSONObject

__all__ = ["Design"]


class Design:
    """The base of design documents declared as classes; class arguments: `model`, `name`, `partitioned`.

    The name in CouchDB is the class name in snake_case unless given. Views stand in the design document of
    that name, each `Index` in one of its own. In a partitioned database each partition has its own views and
    indexes; `partitioned=False` makes those of all partitions together. Queries for the model know the
    indexes, and the views that count, from then on; `deploy` brings them into a database.
    """

    model: ClassVar[type[Document]]
    design_name: ClassVar[str]
    partitioned: ClassVar[bool | None]

    def __init_subclass__(
        cls, *, model: type[Document], name: str | None = None, partitioned: bool | None = None
    ) -> None:
        super().__init_subclass__()
        cls.model = model
        cls.design_name = name or snake_case(cls.__name__)
        cls.partitioned = partitioned
        for declaration in cls.declarations():
            declaration.belong(cls.design_name, cls.model, partitioned=cls._in_partitions())
        declare_together(model, cls.design_name, cls._declared())

    @classmethod
    def _in_partitions(cls) -> bool | None:
        """Tell whether it is for each partition by itself, as that of a model with partitions is."""
        is_expected = cls.partitioned is None and metadata_of(cls.model).partition is not None
        return True if is_expected else cls.partitioned

    @classmethod
    def _declared(cls) -> Iterator[DeclaredIndex]:
        """Yield what queries may count on."""
        in_partitions = bool(cls._in_partitions())
        for declaration in cls.declarations():
            index = declaration.declared()
            if index is not None:
                definition = partial(declaration.definition, cls.model)
                yield attrs.evolve(index, partitioned=in_partitions, definition=definition)

    @classmethod
    def declarations(cls) -> list[Declaration]:
        """Return what the class declares, in the order of the declaration."""
        return [attribute for attribute in vars(cls).values() if isinstance(attribute, Declaration)]

    @classmethod
    def views(cls) -> list[View[Any, Any, Any]]:
        """Return the views in the order of their declaration."""
        return [declaration for declaration in cls.declarations() if isinstance(declaration, View)]

    @classmethod
    def document(cls) -> JSONObject:
        """Return the design document that holds the views, and what else is JavaScript.

        Raises `DesignError` with every reason why it cannot be built.
        """
        own = [one for one in cls.declarations() if one.ddoc == cls.design_name]
        return cls._build(own).get(cls.design_name) or cls._empty(cls.design_name, "javascript")

    @classmethod
    def documents(cls) -> list[JSONObject]:
        """Return all design documents; raises `DesignError` with every reason why they cannot be built."""
        return list(cls._build(cls.declarations()).values())

    @classmethod
    def deploy(cls, database: Database) -> bool:
        """Store the design documents in a database; return False when all are there as they should be.

        A declaration that has changed takes the place of its former self. A design document of which nothing
        is declared any more stays as it is.
        """
        written = [deploy(database.design, document) for document in cls.documents()]
        return any(written)

    @classmethod
    def _build(cls, declarations: Iterable[Declaration]) -> Mapping[str, JSONObject]:
        """Write declarations into their design documents, which are returned by name."""
        built: dict[str, JSONObject] = {}
        reasons: list[str] = []
        names: set[tuple[str, str, str]] = set()
        for one in declarations:
            own = (one.ddoc, one.member, one.given_name)
            if own in names:
                reasons.append(f"{one.given_name}: two of this name are declared")
            names.add(own)
            document = built.setdefault(one.ddoc, cls._empty(one.ddoc, one.language))
            parts = document.setdefault(one.member, {})
            try:
                definition = one.definition(cls.model)
            except DesignError as error:
                reasons.append(str(error))
            else:
                parts[one.name] = definition
        if reasons:
            raise DesignError(f"{cls.__name__} cannot be built: " + "; ".join(reasons))
        return built

    @classmethod
    def _empty(cls, name: str, language: str) -> JSONObject:
        options = {} if cls.partitioned is None else {"options": {"partitioned": cls.partitioned}}
        return {"_id": f"_design/{name}", "language": language, **options, "views": {}}
