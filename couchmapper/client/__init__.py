"""CouchDB's HTTP API, one module for each of its chapters, over any transport."""

from couchmapper.client.client import Client
from couchmapper.client.database import Database
from couchmapper.client.failures import BulkFailed

__all__ = ["BulkFailed", "Client", "Database"]
