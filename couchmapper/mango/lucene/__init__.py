"""Expressions as queries in Lucene's syntax, for the search indexes of design documents."""

from couchmapper.mango.lucene.fields import (
    DEFAULT,
    ID,
    LONGEST,
    TYPES,
    SearchField,
    index_name,
    missing,
    typed,
)
from couchmapper.mango.lucene.query import EVERYTHING, SearchFields, write_query
from couchmapper.mango.lucene.syntax import between, number, quoted

__all__ = [
    "DEFAULT",
    "EVERYTHING",
    "ID",
    "LONGEST",
    "TYPES",
    "SearchField",
    "SearchFields",
    "between",
    "index_name",
    "missing",
    "number",
    "quoted",
    "typed",
    "write_query",
]
