"""Entry point of the `longshore` command."""

import os
import sys
from collections.abc import Sequence

import click

from cli.answer_command import answer
from cli.check_command import check_file
from cli.draft_command import draft
from cli.import_command import import_files
from cli.inspect_command import inspect
from cli.job_commands import cancel, errors, list_jobs, status
from cli.lock_commands import locks, slots
from cli.outcome import INTERRUPTED, CliError, Exit
from cli.run_commands import retry, start
from cli.schedule_commands import schedules
from cli.template_commands import templates
from cli.up_command import up
from longshore import __version__


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(__version__, message="longshore %(version)s")
def longshore() -> None:
    """Import data files into records; every row is accounted for.

    Commands talk to the API at LONGSHORE_ENDPOINT with LONGSHORE_TOKEN; else to the `longshore up` that runs in this
    folder; else they start an embedded AWS for their own duration. check, inspect and draft need none.
    """


for command in (
    up,
    import_files,
    check_file,
    inspect,
    draft,
    status,
    list_jobs,
    errors,
    cancel,
    start,
    retry,
    answer,
    templates,
    schedules,
    locks,
    slots,
):
    longshore.add_command(command)


def run(arguments: Sequence[str]) -> int:
    """Run a command and return its exit status; whatever goes wrong is one line on standard error."""
    try:
        return int(longshore.main(list(arguments), prog_name="longshore", standalone_mode=False) or 0)
    except CliError as problem:
        click.echo(f"longshore: {problem}", err=True)
        return problem.status
    except click.UsageError as problem:
        asked = problem.ctx.command_path if problem.ctx else "longshore"
        click.echo(f"longshore: {problem.format_message()}; see `{asked} --help`", err=True)
        return Exit.USAGE
    except click.ClickException as problem:
        click.echo(f"longshore: {problem.format_message()}", err=True)
        return Exit.USAGE
    except (KeyboardInterrupt, click.Abort):
        click.echo("longshore: interrupted", err=True)
        return INTERRUPTED
    except BrokenPipeError:
        # Whoever read our output has enough of it; Python must not try to flush the rest at exit (its docs, SIGPIPE).
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return Exit.COMPLETED
    except Exception as defect:
        click.echo(f"longshore: unexpected {type(defect).__name__}: {defect}; please report this defect", err=True)
        return Exit.FAILED


def main() -> None:
    """Run the command line and end the process with its exit status."""
    sys.exit(run(sys.argv[1:]))
