"""plmbench: start a study of your own, check it before it runs, and show what came out.

A study runs by Snakemake: `snakemake --configfile my_study.yaml`.
"""

import shlex
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.markup import escape

from plmbench.command import sharing
from plmbench.command.comparison import compared
from plmbench.command.drafting import Draft, drafted, write_draft
from plmbench.command.validation import Check, study_of, validated
from plmbench.command.verdict_tables import chosen, read_verdicts, verdict_tables
from plmbench.core.errors import InputError
from plmbench.study.places import workflow_folder

app = typer.Typer(
    help=__doc__, no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False
)
out, err = Console(highlight=False), Console(stderr=True, highlight=False)


def said(check: Check) -> None:
    """Write one check: what it found, warns of, and what is wrong."""
    mark = "[red]wrong[/red]" if check.faults else "[green]right[/green]"
    out.print(
        f"{mark}  {escape(check.subject)}: {escape(check.found)}".rstrip(": "), soft_wrap=True
    )
    for warning in check.warnings:
        out.print(f"       [yellow]warning[/yellow] {escape(warning)}", soft_wrap=True)
    for fault in check.faults:
        out.print(f"       {escape(fault)}", soft_wrap=True)


def checked(path: Path) -> int:
    """Write every check of a study's file; return the number of those that found a fault."""
    wrong = 0
    for check in validated(path, workflow_folder()):
        said(check)
        wrong += bool(check.faults)
    out.print(f"{wrong} check(s) found something wrong" if wrong else "a run can start")
    return wrong


def command_for(path: Path) -> str:
    """Return the command that runs a study's file, with its results beside it."""
    options = {
        "--snakefile": workflow_folder() / "Snakefile",
        "--configfile": path,
        "--directory": path.parent,
    }
    words = [word for option, value in options.items() for word in (option, str(value))]
    return shlex.join(["snakemake", *words, "--cores", "2"])


@app.command()
def init(
    folder: Annotated[Path, typer.Argument(help="folder of the study; made if it is not there")],
    csv: Annotated[Path | None, typer.Option(help="table of sequences and targets")] = None,
    sequence: Annotated[str | None, typer.Option(help="its column of sequences")] = None,
    target: Annotated[str | None, typer.Option(help="its column of targets")] = None,
    subset: Annotated[str | None, typer.Option("--set", help="its column of train/test")] = None,
    model: Annotated[
        Path | None, typer.Option(help="a network of the hub, as a folder; else shipped ones run")
    ] = None,
) -> None:
    """Write my_study.yaml for a table of yours, commented and checked."""
    asked = csv if csv is not None else Path(typer.prompt("Table of sequences and targets (CSV)"))
    draft = drafted(Draft(asked, {"sequence": sequence, "target": target, "set": subset}, model))
    path = write_draft(folder, draft)
    out.print(f"wrote {escape(str(path))}", soft_wrap=True)
    wrong = checked(path)
    out.print(f"run it: {escape(command_for(path))}", soft_wrap=True)
    raise typer.Exit(1 if wrong else 0)


@app.command()
def validate(
    study: Annotated[Path, typer.Argument(help="a study's file, such as my_study.yaml")],
) -> None:
    """Make every check of a run's first minute: configuration, data, networks. Nothing is run."""
    raise typer.Exit(1 if checked(study) else 0)


@app.command()
def show(
    results: Annotated[Path, typer.Argument(help="results of a run")] = Path("results"),
    task: Annotated[str | None, typer.Option(help="only tasks with this in their name")] = None,
    network: Annotated[str | None, typer.Option(help="only networks with this")] = None,
    probe: Annotated[str | None, typer.Option(help="only probes with this")] = None,
) -> None:
    """Show the verdicts of a run."""
    wanted = {"task": task, "network": network, "probe": probe}
    for table in verdict_tables(chosen(read_verdicts(results), wanted)):
        out.print(table)


@app.command()
def export(
    results: Annotated[Path, typer.Argument(help="results of a run")] = Path("results"),
    to: Annotated[Path, typer.Option(help="the archive to write")] = Path("study.zip"),
    study: Annotated[
        Path | None, typer.Option(help="the study's file; without it config/config.yaml ran")
    ] = None,
) -> None:
    """Write tables, figures, page, predictions, configuration, checksums and citations to a zip."""
    workflow = workflow_folder()
    ran = study_of(study or workflow / "config" / "config.yaml", workflow)
    for warning in sharing.export(results, to, ran, workflow):
        out.print(f"[yellow]licence[/yellow] {escape(warning)}", soft_wrap=True)
    out.print(f"wrote {escape(str(to))} ({to.stat().st_size / 1e6:,.1f} MB)", soft_wrap=True)


@app.command()
def compare(
    first: Annotated[Path, typer.Argument(help="an archive of `plmbench export`")],
    second: Annotated[Path, typer.Argument(help="another one")],
) -> None:
    """Say which numbers differ between two exported studies; the exit status is 1 if any do."""
    differences = list(compared(first, second))
    for sentence in differences:
        out.print(escape(sentence), soft_wrap=True)
    out.print("they differ" if differences else "all their numbers are equal")
    raise typer.Exit(1 if differences else 0)


def main() -> None:
    """Run the command; what a user can mend is one sentence, and the exit status 1."""
    try:
        app()
    except InputError as error:
        err.print(escape(str(error)), soft_wrap=True)
        raise SystemExit(1) from None
