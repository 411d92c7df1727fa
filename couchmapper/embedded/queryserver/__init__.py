"""The functions of design documents, run in quickjs-ng: map, reduce, filter and validate."""
