"""Reading a state from where it is: files by a function of the caller's, S3 by another (of the AWS edge)."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TypeAlias, assert_never

from reconciler.errors import ConfigError
from reconciler.terraform.backend import S3, Elsewhere, Local, Location
from reconciler.terraform.state import State, parse_state

ReadFile: TypeAlias = Callable[[str], bytes | None]
"""Content by the path of a Local (relative to the root module's directory, or absolute); None where there is none."""
GetObject: TypeAlias = Callable[[S3], bytes | None]
"""s3:GetObject; None where there is no such object. Raises CloudError for every other failure."""


def load(location: Location, read_file: ReadFile, get_object: GetObject) -> State | None:
    """The state, or None where Terraform has not written one yet or `location` is not read.

    No lock is taken: a state that another run holds is read as it is. Raises ConfigError where what is there is no
    readable state, and what `get_object` raises.
    """
    match location:
        case Elsewhere():
            return None
        case Local(path):
            content, where = read_file(path), path
        case S3():
            content, where = get_object(location), str(location)
        case _:
            assert_never(location)
    return None if content is None else parse_state(content, where)


def files_under(folder: Path) -> ReadFile:
    """Reads from the root module's directory on disk."""

    def read(path: str) -> bytes | None:
        try:
            return (folder / path).read_bytes()
        except (FileNotFoundError, NotADirectoryError):
            return None
        except OSError as error:
            hint = "Make the state readable, or take it away."
            raise ConfigError(f"the state cannot be read: {error.strerror}", where=path, hint=hint) from error

    return read
