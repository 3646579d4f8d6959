"""What Terraform left behind: state, installed modules, the settings and the workspace of the last `init`.

Read-only, without a Terraform binary. `locate` says where a backend block keeps the state, `load` reads it (S3 through
a function that the caller has), `parse_state` understands it. `work_folder` reads the .terraform directory.
"""

from reconciler.terraform.backend import S3, Elsewhere, Local, Location, locate
from reconciler.terraform.loading import GetObject, ReadFile, files_under, load
from reconciler.terraform.state import State, StateOutput, StateResource, parse_state
from reconciler.terraform.work_folder import (
    DATA_DIR,
    Initialised,
    Installed,
    initialised,
    installed,
    selected_workspace,
)

__all__ = [
    "DATA_DIR",
    "S3",
    "Elsewhere",
    "GetObject",
    "Initialised",
    "Installed",
    "Local",
    "Location",
    "ReadFile",
    "State",
    "StateOutput",
    "StateResource",
    "files_under",
    "initialised",
    "installed",
    "load",
    "locate",
    "parse_state",
    "selected_workspace",
]
