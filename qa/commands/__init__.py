"""One module a group of commands; qa/cli.py puts them together and turns errors into exit codes."""
