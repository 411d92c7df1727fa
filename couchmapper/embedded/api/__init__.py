"""What the engine answers: one module per chapter of the CouchDB API, named as in the client."""
