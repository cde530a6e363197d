"""`longshore up`: the embedded AWS, running until Ctrl-C."""

import re
import threading
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

import click

from cli import local_file
from cli.connection import ended_by_signals
from cli.outcome import Exit, UsageProblem
from longshore.domain.templates.rule_function import PREFIX

if TYPE_CHECKING:
    from cli.embedded import Place

NAME = re.compile(rf"{PREFIX}[A-Za-z0-9_-]{{3,49}}")
LOGS = local_file.FOLDER / "logs"


@click.command(short_help="Start the embedded AWS.")
@click.option(
    "--rule-function",
    "rule_functions",
    metavar="NAME=FOLDER",
    multiple=True,
    help="A tenant's rule function and the folder of its app.py; may be repeated.",
)
def up(rule_functions: tuple[str, ...]) -> int:
    """Start the embedded AWS and keep it running until Ctrl-C.

    Other commands in this folder talk to it. Nothing in it is kept when it ends.
    """
    folders = dict(map(_rule_function, rule_functions))
    running = local_file.read()
    if running:
        raise UsageProblem(f"`longshore up` runs in this folder already, as process {running['pid']}; end that first")
    # Imported only here: the embedded AWS takes seconds to import.
    from cli.embedded import running_embedded_aws

    click.echo("starting the embedded AWS ...", err=True)
    try:
        with ended_by_signals(), running_embedded_aws(LOGS, folders) as place:
            try:
                local_file.write(asdict(place))
                click.echo(description(place))
                threading.Event().wait()
            finally:
                local_file.remove()
    except KeyboardInterrupt:
        click.echo("\nended; nothing in it was kept", err=True)
    return Exit.COMPLETED


def _rule_function(given: str) -> tuple[str, Path]:
    name, _, folder = given.partition("=")
    if not NAME.fullmatch(name) or not folder or not (Path(folder) / "app.py").is_file():
        raise UsageProblem(
            f"--rule-function {given}: write NAME=FOLDER, as {PREFIX}demo-vat=./vat, where FOLDER has an app.py"
        )
    return name, Path(folder)


def description(place: "Place") -> str:
    """Return what a person needs to use it: endpoints, tokens, and a line to try."""
    bucket, tenant = place.uploads_bucket, place.tenant
    credentials = f"AWS_ACCESS_KEY_ID={place.access_key} AWS_SECRET_ACCESS_KEY={place.secret_key}"
    return "\n".join(
        [
            f"API               {place.endpoint}",
            f"S3 endpoint       {place.s3_endpoint}  (region {place.region}; every other service answers there too)",
            f"uploads bucket    {bucket}",
            f"data bucket       {place.data_bucket}",
            f"logs              {LOGS}/",
            "",
            f"A token per role of the tenant {tenant}:",
            *(f"  {role:<8}  {token}" for role, token in place.tokens.items()),
            "",
            "In another terminal, in this folder:",
            "  longshore import FILE --template T      (longshore templates list)",
            "or drop a file into the bucket:",
            f"  {credentials} AWS_DEFAULT_REGION={place.region} \\",
            f"    aws s3 cp FILE s3://{bucket}/{tenant}/TEMPLATE/ --endpoint-url {place.s3_endpoint}",
            "",
            "Nothing in it is kept when it ends. Ctrl-C ends it.",
        ]
    )
