"""The command line finds what it names, and takes no more into a role than the role needs."""

from __future__ import annotations

import subprocess
import sys

import rich_click as click

from posko.cli import COMMANDS, posko

IN_A_HUB = "import sys, posko.cli, posko.hub; print(*sys.modules)"


def test_every_command_is_found_by_the_name_that_help_lists() -> None:
    with click.Context(posko) as context:
        found = {name: posko.get_command(context, name) for name in posko.list_commands(context)}

    assert set(COMMANDS) | {"serve", "live", "work", "migrate", "doctor"} == set(found)
    assert {name: command.name for name, command in found.items() if command} == {name: name for name in found}


def test_a_role_does_not_import_what_is_another_s() -> None:
    done = subprocess.run([sys.executable, "-c", IN_A_HUB], capture_output=True, text=True, check=True)

    assert {"litestar", "posko.app", "posko.worker", "posko.demo"} & set(done.stdout.split()) == set()
