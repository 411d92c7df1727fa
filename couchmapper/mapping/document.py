"""`Document`: a class whose instances are documents of a database."""

from collections.abc import Callable
from typing import Any, ClassVar, Protocol, TypeVar

import attrs

from couchmapper.exceptions import HookError, ModelError
from couchmapper.mango.nodes import TRUE, Expression
from couchmapper.mapping.attachments import Attachments
from couchmapper.mapping.fields import Mapped
from couchmapper.mapping.hooks import ChangeHook, HookMark
from couchmapper.mapping.ids import IdMaker, check_declaration, id_maker, new_id
from couchmapper.mapping.lifecycle import Lifecycle
from couchmapper.mapping.metadata import (
    FieldOptions,
    Identified,
    Metadata,
    inherited,
    metadata_of,
    snake_case,
)
from couchmapper.mapping.model import Model, no_model_if_refused
from couchmapper.mapping.strategies import OnConflict, checked_strategy
from couchmapper.mapping.versions import Versioned, check_version

__all__ = ["Binder", "Document"]

H = TypeVar("H", bound=ChangeHook)


class Binder(Protocol):
    """What a model is bound to: a database remembers its models, to run their hooks."""

    def bind(self, *models: type) -> None:
        """Remember models as living in this database."""
        ...


def _id_field() -> Any:
    """Declare the id; its default needs the other fields, so `Model` puts it last."""
    default = attrs.Factory(new_id, takes_self=True)
    return attrs.field(default=default, metadata={FieldOptions: FieldOptions(name="_id")})


def _bind(database: Binder, model: type) -> None:
    if not hasattr(database, "bind"):
        raise ModelError(
            f"{model.__name__}: database= is a database, as connect(url).database(name) gives it, got"
            f" {database!r}; or bind the model later: database.bind({model.__name__})"
        )
    database.bind(model)


class Document(Model, Identified, Lifecycle, Versioned, metadata=Metadata(abstract=True, type_field="type")):
    """The base of all models; a subclass is an attrs class whose instances are documents.

    Class arguments: `database` the database that its documents live in (or later `database.bind(Model)`);
    `type` its name in JSON (default: the class name in snake_case) under `type_field` (default `"type"`; None
    writes no type); `id` how new ids are made: a template over the fields such as `"order:{number}"`, or a
    callable (default: random, sortable by time); `partition` a text field, whose value stands before each new
    id as in `"partition:id"`; `on_conflict` what a session does when another writer was faster: `"raise"`,
    `"merge"`, `"mine"`, `"theirs"` or a function; `version` that of the JSON, told under `version_field`
    (default `"schema_version"`), to which `upcast` brings older documents; `abstract=True` for a base class
    without documents of its own. Subclasses inherit all but `database`, `type` and `abstract`; a query for a
    class finds its subclasses as well.

    Documents know nothing of the network: sessions load and save them.
    """

    id: Mapped[str] = _id_field()

    __hooks__: ClassVar[list[HookMark]] = []

    # What documents keep beside their fields, which therefore must not be called so.
    _pending: ClassVar[object] = None
    _reader: ClassVar[object] = None

    def __init_subclass__(  # noqa: PLR0913 - the class arguments
        cls,
        *,
        database: Binder | None = None,
        type: str | None = None,
        type_field: str | None = "",
        id: str | IdMaker | None = None,
        partition: str | None = None,
        on_conflict: OnConflict | None = None,
        version: int | None = None,
        version_field: str | None = None,
        abstract: bool = False,
    ) -> None:
        parent = metadata_of(cls)
        super().__init_subclass__(
            metadata=Metadata(
                type=snake_case(cls.__name__) if type is None else type,
                type_field=parent.type_field if type_field == "" else type_field,
                make_id=inherited(cls, "make_id") if id is None else id_maker(id),
                partition=inherited(cls, "partition") if partition is None else partition,
                on_conflict=checked_strategy(on_conflict) or inherited(cls, "on_conflict"),
                version=inherited(cls, "version") if version is None else version,
                version_field=parent.version_field if version_field is None else version_field,
                abstract=abstract,
            )
        )
        cls.__hooks__ = []
        with no_model_if_refused(cls):
            check_declaration(cls)
            check_version(cls)
            if database is not None:
                _bind(database, cls)

    @property
    def rev(self) -> str | None:
        """The revision that the server knows; None until the document is saved."""
        source = self._source
        return None if source is None else source.get("_rev")

    @property
    def attachments(self) -> Attachments:
        """What the document has beside its fields, by name; see `Attachments`."""
        return Attachments(self)

    @classmethod
    def on_change(cls, *, where: Expression = TRUE, name: str | None = None) -> Callable[[H], H]:
        """Mark a function to be called for each change of a document of this class.

        `where` is evaluated on the server; `name` (default: the function's name) is the name of the hook's
        checkpoint, which must be unique in a database. `database.hooks.run()` runs the hooks, each change at
        least once. Raises `HookError` when the class has a hook of that name.
        """

        def mark(function: H) -> H:
            hook_name = name or str(getattr(function, "__name__", "hook"))
            if any(hook.name == hook_name for hook in cls.__hooks__):
                raise HookError(f"{cls.__name__} has a hook {hook_name!r} already; give this one name=...")
            cls.__hooks__.append(HookMark(name=hook_name, model=cls, where=where, function=function))
            return function

        return mark
