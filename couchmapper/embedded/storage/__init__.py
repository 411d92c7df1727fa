"""The tables of the embedded engine and every SQL statement over them."""
