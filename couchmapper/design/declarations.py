"""Design documents as classes: `class OrderViews(Design, model=Order)` with views as attributes."""

from typing import Any, ClassVar

from couchmapper.client.database import Database
from couchmapper.design.deploy import deploy
from couchmapper.design.views import View
from couchmapper.exceptions import DesignError
from couchmapper.mapping.document import Document
from couchmapper.mapping.metadata import snake_case
from couchmapper.typing import JSONObject

__all__ = ["Design"]


class Design:
    """The base of design documents declared as classes; class arguments: `model`, and `name` in CouchDB.

    The name is the class name in snake_case unless given.
    """

    model: ClassVar[type[Document]]
    design_name: ClassVar[str]

    def __init_subclass__(cls, *, model: type[Document], name: str | None = None) -> None:
        super().__init_subclass__()
        cls.model = model
        cls.design_name = name or snake_case(cls.__name__)
        for view in cls.views():
            view.belong(cls.design_name, cls.model)

    @classmethod
    def views(cls) -> list[View[Any, Any]]:
        """Return the views in the order of their declaration."""
        return [attribute for attribute in vars(cls).values() if isinstance(attribute, View)]

    @classmethod
    def document(cls) -> JSONObject:
        """Return the design document; raises `DesignError` with every reason why it cannot be built."""
        definitions: JSONObject = {}
        reasons: list[str] = []
        for view in cls.views():
            try:
                definitions[view.name] = view.definition(cls.model)
            except DesignError as error:
                reasons.append(str(error))
        if reasons:
            raise DesignError(f"{cls.__name__} cannot be built: " + "; ".join(reasons))
        return {"_id": f"_design/{cls.design_name}", "language": "javascript", "views": definitions}

    @classmethod
    def deploy(cls, database: Database) -> bool:
        """Store the design document in a database; return False when it is there as it should be."""
        return deploy(database.design, cls.document())
