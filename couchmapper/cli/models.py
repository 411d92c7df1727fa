"""A model by the name that people write: `shop.models:Order`."""

import importlib
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from types import ModuleType

from couchmapper.exceptions import ConfigurationError, CouchMapperError
from couchmapper.mapping.document import Document

__all__ = ["find_model", "importable"]


@contextmanager
def importable(directory: Path) -> Iterator[None]:
    """Let modules be imported from a directory as well, before others, as `python -m` does."""
    sys.path.insert(0, str(directory))
    try:
        yield
    finally:
        with suppress(ValueError):  # what was imported may have changed the path too
            sys.path.remove(str(directory))


def find_model(name: str) -> type[Document]:
    """Import a model named `MODULE:Model`; raises `ConfigurationError` that says which part is wrong."""
    module_name, colon, model_name = name.partition(":")
    if not (module_name and colon and model_name):
        raise ConfigurationError(f"expected MODULE:Model, such as shop.models:Order, got {name!r}")
    models = _models(_module(module_name))
    if model_name in models:
        return models[model_name]
    raise ConfigurationError(
        f"the module {module_name} has no model {model_name!r}; its models are: {', '.join(models) or 'none'}"
    )


def _module(name: str) -> ModuleType:
    """Import a module; what it raises is the application's, and may be anything."""
    try:
        return importlib.import_module(name)
    except CouchMapperError:
        raise
    except Exception as error:
        missing = isinstance(error, ModuleNotFoundError) and f"{name}.".startswith(f"{error.name}.")
        told = (
            "there is no such module here or among those that are installed"
            if missing
            else f"{type(error).__name__}: {error}"
        )
        raise ConfigurationError(f"the module {name!r} cannot be imported: {told}") from error


def _models(module: ModuleType) -> dict[str, type[Document]]:
    """Return the models of a module by name."""
    return {
        name: value
        for name, value in vars(module).items()
        if isinstance(value, type) and issubclass(value, Document) and value is not Document
    }
