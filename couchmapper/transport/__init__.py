"""The seam between the client and a store, its HTTP end, and the wrappers around it."""
