"""The program `recommndr`: the command line, except for `serve`, which need not wait for training's libraries."""

import sys


def main() -> None:
    """Entry point of the console script."""
    if sys.argv[1:2] == ["serve"]:
        from recommndr_training.commands.serve import become_one_process  # noqa: PLC0415

        become_one_process(sys.argv[2:])
    from recommndr_training.cli import main as command_line  # noqa: PLC0415

    command_line()
