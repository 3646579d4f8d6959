"""What Terraform's state says of a stack's resources, from wherever the code keeps it, and the modules it installed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import field
from pathlib import Path

from reconciler import terraform
from reconciler.aws import Cloud
from reconciler.errors import CloudError
from reconciler.hcl import remote_state
from reconciler.hcl.evaluate import DataRequest, Evaluation
from reconciler.hcl.tree import SourceTree, join
from reconciler.identity import Known
from reconciler.model import Gap, Json, Plain
from reconciler.records import dataclass
from reconciler.resources.permissions import StateObject
from reconciler.semantics import widened
from reconciler.workflow.data_sources import Answer, Elsewhere
from reconciler.workflow.stacks import Stack


@dataclass(frozen=True, slots=True)
class StackState:
    """`known` is by address; None where there is no state to be had. `notice` says why there is none, if not for good.

    `gaps`: the state is there and could not be read, so that identity may be less certain than it could be.
    """

    known: Mapping[str, Known] | None = None
    gaps: Sequence[Gap] = ()
    notice: str = ""
    outputs: Mapping[str, Json] = field(default_factory=dict[str, Json])


def load_state(root: Path, tree: SourceTree, stack: Stack, location: terraform.Location, cloud: Cloud) -> StackState:
    """The state of the stack: beside the code (on disk, else in the tree), or in S3. Raises ConfigError."""
    if isinstance(location, terraform.Elsewhere):
        return StackState(notice=location.reason)
    try:
        found = _read(location, root, tree, stack, cloud)
    except CloudError as error:
        return StackState(gaps=(Gap(f"the state at {location} was not read: {error}"),))
    return StackState() if found is None else _of(found)


def _read(
    location: terraform.Location, root: Path, tree: SourceTree, stack: Stack, cloud: Cloud
) -> terraform.State | None:
    """None where there is none. Raises ConfigError and CloudError."""
    folder = root / stack.path

    def read_file(path: str) -> bytes | None:
        content = terraform.files_under(folder)(path)
        if content is None and not path.startswith("/"):
            try:
                return tree.read(join(stack.path, path))
            except KeyError:
                return None
        return content

    def get_object(place: terraform.S3) -> bytes | None:
        return cloud.object(place.provider, place.bucket, place.key, place.customer_key)

    return terraform.load(location, read_file, get_object)


def read_outputs(root: Path, tree: SourceTree, stack: Stack, cloud: Cloud) -> Elsewhere:
    """Reads what `terraform_remote_state` asks for: the outputs of another state. Raises ConfigError and CloudError."""

    def read(request: DataRequest) -> Answer | str:
        location = _location_of(request)
        if isinstance(location, terraform.Elsewhere):
            return location.reason
        found = _read(location, root, tree, stack, cloud)
        if found is None:
            return f"there is no state at {location.path if isinstance(location, terraform.Local) else location}"
        return {
            name: remote_state.answered(o.value, o.type, sensitive=o.sensitive) for name, o in found.outputs.items()
        }

    return read


def objects(own: terraform.Location, evaluation: Evaluation) -> list[StateObject]:
    """The objects in S3 that a scan reads state from: the stack's own, and what `terraform_remote_state` names."""
    asked = [_location_of(request) for request in evaluation.data if request.type == remote_state.TYPE]
    places = [own, *asked]
    return [
        StateObject(place.bucket, place.key, place.provider.region, place.kms_key)
        for place in places
        if isinstance(place, terraform.S3)
    ]


def _location_of(request: DataRequest) -> terraform.Location:
    given = request.arguments
    backend, config, workspace = given.get("backend"), given.get("config"), given.get("workspace")
    return terraform.locate(
        backend if isinstance(backend, str) else None,
        config if isinstance(config, dict) else {},
        workspace if isinstance(workspace, str) and workspace else "default",
    )


def located(folder: Path, evaluation: Evaluation, workspace: str, data_dir: str) -> terraform.Location:
    """As the last `terraform init` settled it, where that was for the same kind of backend; else as the code says."""
    backend = evaluation.backend
    config: dict[str, Plain] = dict(backend.config) if backend else {}
    settled = terraform.initialised(folder, data_dir)
    if settled is not None and backend is not None and settled.type == backend.type:
        config |= {name: widened(value) for name, value in settled.config.items()}
    return terraform.locate(backend.type if backend else None, config, workspace)


def _of(found: terraform.State) -> StackState:
    known = {
        address: Known(resource.id, resource.attributes)
        for address, resource in found.resources.items()
        if resource.id is not None
    }
    outputs = {name: output.value for name, output in found.outputs.items()}
    return StackState(known, outputs=outputs)
