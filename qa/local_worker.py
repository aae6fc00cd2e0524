"""The process that serves a model file: llama.cpp's own server, from xllamacpp. ``qa/local_server.py`` starts it.

It has a process to itself because xllamacpp holds Python's lock while it loads a model (3 s and more, in which a
UI could not draw), writes to the terminal, and takes down whoever called it when memory runs out.

One line of JSON comes in (``path``, ``key``, ``context``, ``threads``) and one goes out (``address``, or ``error``).
It ends when its standard input does, so also when the program that started it is killed.
"""

import json
import os
import sys
from typing import Any

# Between two batches a call that nobody waits for any more can end; larger ones are hardly faster without a GPU.
_BATCH = 128


def main() -> None:
    order = json.loads(sys.stdin.readline())
    # What native code prints must not get into the answer.
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)

    def answer(**fields: str) -> None:
        answers.write(json.dumps(fields) + "\n")
        answers.flush()

    try:
        server = _serve(**order)
    except ImportError:
        answer(error="missing")
        return
    except RuntimeError:
        # It gives no reason.
        answer(error="unusable")
        return
    answer(address=server.listening_address)
    sys.stdin.read()
    # Not by way of the server's own end, which would wait for a reply that is being written.
    os._exit(0)


def _serve(path: str, key: str, context: int, threads: int) -> Any:
    import xllamacpp  # 100 ms, and not installed everywhere

    params = xllamacpp.CommonParams()
    params.model.path = path
    params.hostnames = ["127.0.0.1"]
    # Whichever is free.
    params.port = 0
    params.api_keys = [key]
    params.n_ctx = context
    params.n_parallel = 1
    params.cpuparams.n_threads = params.cpuparams_batch.n_threads = threads
    params.n_batch = params.n_ubatch = _BATCH
    # Up to 8 GB of old prompts otherwise.
    params.cache_ram_mib = 0
    params.ui = params.endpoint_slots = False
    params.offline = True
    # Nobody reads it, and it would quote prompts.
    params.verbosity = -1
    return xllamacpp.Server(params)


if __name__ == "__main__":
    main()
