"""Revert plans: the operations that set live back, their inverse, and the fences around both.

A plan is tied to the state that its reviewer saw (`precondition`), to an account and a region, and to a last day. What
it must not do is refused twice: when it is made (`Hold`) and before it runs (`UnsafePlan`, `StalePlan`).
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import field, replace
from typing import Final, Literal, TypeAlias

from reconciler import schema
from reconciler.drift import digest, laid_down
from reconciler.errors import StalePlan, UnsafePlan
from reconciler.model import (
    UNKNOWN,
    Change,
    Hold,
    Json,
    LiveResource,
    Operation,
    Path,
    Plain,
    Resource,
    Revert,
    format_path,
)
from reconciler.planning import Cause, Drifted
from reconciler.records import dataclass
from reconciler.redaction import Redactor, Secrecy, is_redacted, mentions_secret
from reconciler.resources.spec import Attributes, ResourceType, Scope, Semantics, Subject, Write
from reconciler.semantics import has_unknown, known, widened

ABSENT: Final = "absent"
"""The precondition of a plan that creates: nothing is there."""

Action: TypeAlias = Literal["update", "create", "delete"]


@dataclass(frozen=True, slots=True)
class PlannedChange:
    """One attribute as live has it and as it will be; secrets never get here."""

    path: Path
    before: Json
    after: Json


@dataclass(frozen=True, slots=True)
class PlanItem:
    """What is done to one resource. `address` "" for what no code manages."""

    address: str
    type: str
    id: str
    account: str
    region: str
    action: Action
    fingerprint: str
    changes: tuple[PlannedChange, ...]
    precondition: str
    operations: tuple[Operation, ...]
    inverse: tuple[Operation, ...]


@dataclass(frozen=True, slots=True)
class RevertPlan:
    """What one merge approves. `expires`: an ISO date, the last day on which it may run."""

    id: str
    stack: str
    title: str
    items: tuple[PlanItem, ...]
    expires: str = ""

    def same(self, other: RevertPlan) -> bool:
        """The same but for the expiry: a file that holds it needs no update."""
        return replace(self, expires="") == replace(other, expires="")


def revert_plan(cause: Cause, expires: str) -> RevertPlan | Hold:
    """The plan that resets live to what the code (for what it leaves open, the baseline) says."""
    items: list[PlanItem] = []
    for entry in cause.drifted:
        found = revert(entry)
        if isinstance(found, Hold):
            return Hold(f"{entry.name}: {found.reason}")
        items.append(_plan_item(entry, found))
    return RevertPlan(cause.id, cause.stack, cause.title, tuple(items), expires)


def _plan_item(entry: Drifted, found: Revert) -> PlanItem:
    finding = entry.finding
    action: Action = "create" if entry.live is None else "delete" if entry.resource is None else "update"
    return PlanItem(
        address=str(finding.address or ""),
        type=finding.type,
        id=finding.id or "",
        account=entry.scope.account,
        region=entry.scope.region,
        action=action,
        fingerprint=finding.fingerprint,
        changes=tuple(
            PlannedChange(c.path, c.live, known(c.code if c.declared else widened(c.baseline))) for c in entry.settled
        ),
        precondition=found.precondition,
        operations=found.operations,
        inverse=found.inverse,
    )


def revert(entry: Drifted) -> Revert | Hold:
    """The operations that undo the differences of one resource, and those that would undo them again."""
    if entry.live is None:
        return _created(entry)
    if entry.resource is None:
        return _deleted(entry, entry.live)
    return _updated(entry, entry.resource, entry.live)


def _updated(entry: Drifted, resource: Resource, live: LiveResource) -> Revert | Hold:
    after = _wanted_attributes(entry, resource, live)
    if isinstance(after, Hold):
        return after
    changed = frozenset(str(change.path[0]) for change in entry.settled)
    if changed & {"tags", "tags_all"}:
        changed |= {"tags", "tags_all"}
    writes = [write for write in entry.spec.writes if write.attributes & changed]
    uncovered = changed - frozenset(name for write in writes for name in write.attributes) - {"tags_all"}
    if uncovered:
        names = ", ".join(sorted(uncovered))
        return Hold(f"no operation sets {names} on what exists; `terraform apply` may have to replace it")
    subject = Subject(live.id, live.attributes, after, changed, entry.scope)
    undo = Subject(live.id, after, live.attributes, changed, entry.scope)
    stuck = [(name, write.operations[0]) for write in writes for name in write.stuck(subject)]
    if stuck:
        return Hold(
            f"{stuck[0][1]} has no way to set {stuck[0][0]} back to what it was: do it by hand, or set it in the code"
        )
    operations = _built(writes, subject)
    if not operations:
        return Hold("its type knows no operation that makes this change")
    return _fenced(entry, resource, operations, _built(writes, undo), after)


def _created(entry: Drifted) -> Revert | Hold:
    create, delete, resource = entry.spec.create, entry.spec.delete, entry.resource
    if resource is None or create is None:
        return Hold("it is gone, and only links such as rules, policies and attachments are made anew: run a deploy")
    recorded: Attributes = entry.snapshot.attributes if entry.snapshot else {}
    after: dict[str, Json] = {name: value for name, value in recorded.items() if not mentions_secret(widened(value))}
    for name, value in laid_down(resource, entry.spec, entry.context).items():
        if has_unknown(value):
            return Hold(f"{name} is not known before a deploy")
        if entry.spec.semantics.get(name) is Semantics.RECORD_NAME and not recorded.get(name) and "." not in str(value):
            return Hold(f"{name} is not known in full: it leaves out the name of its zone, and no baseline has it")
        short = entry.spec.semantics.get(name) is Semantics.RECORD_NAME and recorded.get(name)
        if not short and (value is not None or not _left_open(resource.type, name)):
            after[name] = known(value)
    nameless = [
        [n for n in key if after.get(n) is None and _left_open(resource.type, n)] for key in entry.spec.natural_keys
    ]
    if nameless and all(nameless):
        return Hold(f"its {nameless[0][0]} was made up when it was deployed, and no baseline has it: run a deploy")
    id_ = entry.finding.id or ""
    subject = Subject(id_, None, after, frozenset(after), entry.scope)
    inverse = _built([delete], Subject(id_, after, None, frozenset(after), entry.scope)) if delete else ()
    return _fenced(entry, resource, _built([create], subject), inverse, after)


def _left_open(type_name: str, name: str) -> bool:
    """Where the code says nothing, the provider makes it up: what it made up before is still right."""
    described = schema.resource(type_name)
    shape = described.block.attributes.get(name) if described else None
    return shape is not None and shape.computed and shape.default is None


def _deleted(entry: Drifted, live: LiveResource) -> Revert | Hold:
    create, delete = entry.spec.create, entry.spec.delete
    if delete is None or create is None:
        return Hold("nothing but links (rules, policies, attachments) is ever deleted: import it, or remove it by hand")
    subject = Subject(live.id, live.attributes, None, frozenset(live.attributes), entry.scope)
    inverse = Subject(live.id, None, live.attributes, frozenset(live.attributes), entry.scope)
    return _fenced(entry, None, _built([delete], subject), _built([create], inverse), {})


def _built(writes: Iterable[Write], subject: Subject) -> tuple[Operation, ...]:
    return tuple(operation for write in writes for operation in write.build(subject))


def _wanted_attributes(entry: Drifted, resource: Resource, live: LiveResource) -> dict[str, Json] | Hold:
    """Live, with what differs as the code, or for what it leaves open the baseline, has it."""
    desired = laid_down(resource, entry.spec, entry.context, live)
    recorded: Attributes = entry.snapshot.attributes if entry.snapshot else {}
    after = dict(live.attributes)
    for change in entry.settled:
        name = str(change.path[0])
        if name in ("tags", "tags_all"):
            _set_tag(after, str(change.path[-1]), change)
            continue
        value = desired.get(name) if change.declared else widened(recorded.get(name))
        if has_unknown(value) or change.code is UNKNOWN:
            return Hold(f"{format_path(change.path)} is not known before a deploy")
        if mentions_secret(value):
            return Hold(f"{format_path(change.path)} holds a secret, and the baseline only its hash")
        after[name] = known(value)
    return after


def _set_tag(after: dict[str, Json], key: str, change: Change) -> None:
    for name in ("tags", "tags_all"):
        tags = after.get(name)
        if not isinstance(tags, dict):
            continue
        rest = {k: v for k, v in tags.items() if k != key}
        keep = change.code is not None and (name == "tags_all" or change.path[0] == "tags")
        after[name] = {**rest, key: known(change.code)} if keep else rest


def _fenced(
    entry: Drifted,
    resource: Resource | None,
    operations: tuple[Operation, ...],
    inverse: tuple[Operation, ...],
    after: Attributes,
) -> Revert | Hold:
    """Nothing secret gets into a plan, not even what an operation has to repeat without changing it."""
    marks = resource.sensitive if resource else frozenset[Path]()
    secrecy = Secrecy(entry.context.redactor, entry.spec.semantics, marks)
    secrets = secret_texts(entry.finding.type, after, secrecy)
    secrets |= secret_texts(entry.finding.type, entry.live.attributes if entry.live else {}, secrecy)
    written = json.dumps([dict(o.parameters) for o in (*operations, *inverse)], ensure_ascii=False)
    leaked = sorted(where for text, where in secrets if json.dumps(text, ensure_ascii=False)[1:-1] in written)
    if leaked:
        return Hold(f"{leaked[0]} is secret and would have to stand in the plan: run a deploy, or set it by hand")
    if not operations:
        return Hold("its type knows no operation that makes this change")
    live = entry.live
    return Revert(operations, inverse, precondition(entry.finding.type, live, entry.spec, entry.context.redactor))


def precondition(type_name: str, live: LiveResource | None, spec: ResourceType, redactor: Redactor) -> str:
    """What a plan says of the state that it was made for."""
    return digest(type_name, live, spec, redactor) if live else ABSENT


def secret_texts(type_name: str, attributes: Attributes, secrecy: Secrecy) -> set[tuple[str, str]]:
    """Every secret text in `attributes` with its path; texts too short to be told from others are left out."""
    described = schema.resource(type_name)
    shapes = {**described.block.attributes, **described.block.blocks} if described else {}
    found: set[tuple[str, str]] = set()
    for name, value in attributes.items():
        plain = widened(value)
        _collect(plain, secrecy.shown(shapes.get(name, "dynamic"), (name,), plain), (name,), found)
    return found


def _collect(value: Plain, shown: Plain, path: Path, found: set[tuple[str, str]]) -> None:
    if is_redacted(shown) and not is_redacted(value):
        found.update((text, format_path(path)) for text in _texts(value) if len(text) > 3)
    elif isinstance(value, dict) and isinstance(shown, dict):
        for key, item in value.items():
            _collect(item, shown.get(key), (*path, key), found)
    elif isinstance(value, list) and isinstance(shown, list):
        for index, (item, other) in enumerate(zip(value, shown, strict=True)):
            _collect(item, other, (*path, index), found)
    elif value != shown and isinstance(value, str):
        found.add((value, format_path(path)))


def _texts(value: Plain) -> Iterable[str]:
    match value:
        case dict():
            for item in value.values():
                yield from _texts(item)
        case list():
            for item in value:
                yield from _texts(item)
        case str():
            yield value
        case _:
            return


# -- guardrails -----------------------------------------------------------------------------------------------

_NEVER: Final = frozenset(
    {
        "sqs:DeleteQueue", "sqs:PurgeQueue", "sns:DeleteTopic", "s3:DeleteBucket", "s3:DeleteObject",
        "s3:DeleteObjects", "dynamodb:DeleteTable", "kinesis:DeleteStream", "kms:ScheduleKeyDeletion",
        "secretsmanager:DeleteSecret", "lambda:DeleteFunction", "ec2:DeleteVpc", "ec2:DeleteSubnet",
        "ec2:DeleteSecurityGroup", "ec2:TerminateInstances", "ec2:DeleteVolume", "rds:DeleteDBInstance",
        "rds:DeleteDBCluster", "iam:DeleteRole", "iam:DeleteUser", "logs:DeleteLogGroup", "route53:DeleteHostedZone",
        "elbv2:DeleteLoadBalancer", "ecs:DeleteService", "ecs:DeleteCluster", "events:DeleteEventBus",
        "events:DeleteArchive", "acm:DeleteCertificate", "apigateway:DeleteRestApi", "apigatewayv2:DeleteApi",
        "stepfunctions:DeleteStateMachine", "mq:DeleteBroker", "kafka:DeleteCluster", "firehose:DeleteDeliveryStream",
    }
)  # fmt: skip
"""What holds state or is hard to get back: no plan deletes it, whatever its author says."""
_ONLY_BACK: Final = frozenset({"kms:DisableKey"})
"""What stops everybody at once who uses a thing: a plan has it as the way back alone."""


@dataclass(frozen=True, slots=True)
class Limits:
    """`operations`: of one plan. `accounts`, `regions`: empty for any."""

    operations: int = 50
    accounts: frozenset[str] = field(default_factory=frozenset[str])


def check_plan(plan: RevertPlan, types: Mapping[str, ResourceType], today: str, limits: Limits) -> None:
    """Raises UnsafePlan or StalePlan where the plan must not run. `today`: an ISO date."""
    where = f"plan {plan.id} of stack {plan.stack}"
    again = "run `reconcile propose` for a new one"
    if plan.expires < today:
        raise StalePlan(f"the plan expired on {plan.expires or 'an unknown day'}", where=where, hint=again)
    count = sum(len(item.operations) for item in plan.items)
    if count > limits.operations:
        what = f"the plan has {count} operations, more than the {limits.operations} allowed"
        raise UnsafePlan(what, where=where, hint="raise the limit in reconcile.yaml, or settle it in parts")
    for item in plan.items:
        _check_item(item, types, where, limits)


def _check_item(item: PlanItem, types: Mapping[str, ResourceType], where: str, limits: Limits) -> None:
    if limits.accounts and item.account not in limits.accounts:
        raise UnsafePlan(f"account {item.account} is not one that plans may change", where=where)
    spec = types.get(item.type)
    if spec is None:
        raise UnsafePlan(f"{item.type} is no type that can be written", where=where)
    writes = [*spec.writes, *([spec.create] if spec.create else []), *([spec.delete] if spec.delete else [])]
    usual = {name for write in writes for name in write.operations}
    for operation in (*item.operations, *item.inverse):
        if str(operation) in _NEVER:
            raise UnsafePlan(f"{operation} destroys what cannot be brought back", where=where, hint="do it by hand")
        if str(operation) not in usual:
            raise UnsafePlan(f"{operation} is not how a {item.type} is ever changed", where=where)
    for operation in item.operations:
        if str(operation) in _ONLY_BACK:
            what = f"{operation} would stop everybody at once who uses it"
            raise UnsafePlan(what, where=where, hint="do it by hand")
    if item.action == "delete" and spec.create is None:
        raise UnsafePlan(f"a {item.type} is never deleted by a plan", where=where, hint="do it by hand")


def check_place(item: PlanItem, scope: Scope, spec: ResourceType, where: str) -> None:
    """Raises UnsafePlan where the credentials at hand are for another account or region than the plan's."""
    if item.account != scope.account or (spec.regional and item.region != scope.region):
        what = f"the plan is for account {item.account} in {item.region}, these credentials are for"
        hint = "use the credentials and region of the stack's provider"
        raise UnsafePlan(f"{what} account {scope.account} in {scope.region}", where=where, hint=hint)


_NOTHING_DONE: Final = "nothing was written; run `reconcile propose` for a plan of what is live now"


def check_state(item: PlanItem, live: LiveResource | None, spec: ResourceType, redactor: Redactor, where: str) -> None:
    """Raises StalePlan where live is not what the reviewer of the plan saw."""
    if precondition(item.type, live, spec, redactor) != item.precondition:
        what = f"{item.address or item.id} changed since the plan was reviewed"
        raise StalePlan(
            what, where=where, hint="nothing was written; run `reconcile propose` for a plan of what is live now"
        )
