"""couchmapper: typed documents, a unit of work and fluent queries for CouchDB and Cloudant."""

__version__ = "0.1.0"
