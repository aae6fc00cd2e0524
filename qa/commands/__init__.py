"""One module a group of commands; root.py puts them together."""
