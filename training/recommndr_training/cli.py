"""The command line `recommndr`. Errors say what is wrong and what to do about it."""

import os

import typer

from recommndr_training.commands.catalogue import catalogue
from recommndr_training.commands.consistency import consistency
from recommndr_training.commands.dataset import dataset
from recommndr_training.commands.drift import drift
from recommndr_training.commands.erase import erase
from recommndr_training.commands.import_data import import_data
from recommndr_training.commands.judge import judge
from recommndr_training.commands.key import app as key
from recommndr_training.commands.register import register
from recommndr_training.commands.replay import replay
from recommndr_training.commands.report import report
from recommndr_training.commands.rules import app as rules
from recommndr_training.commands.seed import seed_command
from recommndr_training.commands.serve import SETTINGS as OF_SERVE
from recommndr_training.commands.serve import serve
from recommndr_training.commands.served import served
from recommndr_training.commands.shop import app as shop
from recommndr_training.commands.simulate import simulate
from recommndr_training.commands.token_key import attribution_key, token_key
from recommndr_training.commands.train import train
from recommndr_training.commands.trainer import app as trainer

app = typer.Typer(
    help="Recommndr: from any shop's data to a trained, registered, seeded tenant.", no_args_is_help=True, add_completion=False
)
app.command("import")(import_data)
app.command()(train)
app.command()(judge)
app.command()(register)
app.command("seed")(seed_command)
app.command(context_settings=OF_SERVE)(serve)
app.command()(catalogue)
app.command()(erase)
app.add_typer(key, name="key")
app.add_typer(rules, name="rules")
app.add_typer(shop, name="shop")
app.add_typer(trainer, name="trainer")
app.command()(token_key)
app.command()(attribution_key)
app.command()(dataset)
app.command()(simulate)
app.command()(replay)
app.command()(report)
app.command()(served)
app.command()(consistency)
app.command()(drift)


def main() -> None:
    """Entry point of the console script."""
    os.umask(0o077)  # only the owner may read histories, models and keys
    app()


if __name__ == "__main__":
    main()
