"""``hocket``: the root of all commands.

Law: a module of this package is a command. ``cli/talk.py`` with ``app = typer.Typer(...)`` in it is
``hocket talk``; nothing is registered here, and a module is imported only when its command is asked
for. Modules whose name begins with an underscore, or that hold no ``app``, are no commands.
Exit codes: 0 done; 1 the thing asked about is false; 2 bad usage or input; 130 interrupted.
"""

import importlib
import pkgutil
import sys
from collections.abc import Sequence
from importlib.metadata import version
from types import ModuleType
from typing import Annotated, Any

import typer
import typer.main
from typer.core import TyperGroup
from typer.exceptions import TyperException

from hocket import cli
from hocket.core.errors import BadInput, HocketError

INTERRUPTED = 130


class CommandsByModule(TyperGroup):
    """Finds commands among the modules of ``hocket.cli``."""

    def list_commands(self, ctx: Any) -> list[str]:
        """Names of all commands whose packages are installed."""
        return [name for name in _module_names() if self._is_usable(ctx, name)]

    def _is_usable(self, ctx: Any, name: str) -> bool:
        try:
            return self.get_command(ctx, name) is not None
        except BadInput:
            return False

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        """The command of the module of that name, or None.

        Raises:
            BadInput: the module needs a package that is not installed.
        """
        if cmd_name not in _module_names():
            return None
        found = getattr(_imported(cmd_name), "app", None)
        if not isinstance(found, typer.Typer):
            return None
        command = typer.main.get_command(found)
        command.name = cmd_name
        return command


def _module_names() -> list[str]:
    names = sorted(module.name for module in pkgutil.iter_modules(cli.__path__))
    return [name for name in names if name != "main" and not name.startswith("_")]


def _imported(name: str) -> ModuleType:
    try:
        return importlib.import_module(f"hocket.cli.{name}")
    except ModuleNotFoundError as error:
        if (error.name or "").startswith("hocket"):
            raise
        raise BadInput(
            f"{name} needs the package {error.name}; install it with an extra: "
            "pip install 'hocket[serve,show,train]'"
        ) from error


app = typer.Typer(cls=CommandsByModule, add_completion=False, pretty_exceptions_enable=False)


@app.callback(invoke_without_command=True)
def root(
    context: typer.Context,
    show_version: Annotated[bool, typer.Option("--version", help="Print the version.")] = False,
) -> None:
    """Hocket: AI that listens while it talks."""
    if show_version:
        typer.echo(f"hocket {version('hocket')}")
    elif context.invoked_subcommand is None:
        typer.echo(context.get_help())


def run(arguments: Sequence[str] | None = None) -> None:
    """Run the command line, by default on ``sys.argv``, and leave with its exit code."""
    sys.exit(outcome(arguments))


def outcome(arguments: Sequence[str] | None = None) -> int:
    """Run the command line; the exit code. What is wrong becomes one line on stderr."""
    try:
        code = typer.main.get_command(app)(
            args=None if arguments is None else list(arguments),
            prog_name="hocket",
            standalone_mode=False,
        )
    except HocketError as error:
        return _complain(str(error), error.exit_code)
    except TyperException as error:  # bad usage, in typer's words
        return _complain(f"{error.format_message().rstrip('.')}.{_hint(error)}", 2)
    except (typer.Abort, KeyboardInterrupt):
        code = INTERRUPTED
    if code == INTERRUPTED:  # typer turns Ctrl-C into this code
        return _complain("interrupted", INTERRUPTED)
    return code if isinstance(code, int) else 0


def _hint(error: TyperException) -> str:
    """Where to read on, if the error knows its command."""
    context = getattr(error, "ctx", None)
    return f" Try: {context.command_path} --help" if context else ""


def _complain(text: str, exit_code: int) -> int:
    line = " ".join(text.split())
    typer.echo(f"hocket: {line}", err=True)
    return exit_code
