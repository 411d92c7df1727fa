"""The rules of CouchDB as pure functions: values in, values out."""
