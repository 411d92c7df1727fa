"""CouchDB in a SQLite file, or in memory: a store that needs no server."""
