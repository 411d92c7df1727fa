"""Expressions as JavaScript: conditions in the functions of design documents."""

from couchmapper.mango.javascript.fields import literal, value_of
from couchmapper.mango.javascript.guard import Guard, write_guard

__all__ = ["Guard", "literal", "value_of", "write_guard"]
