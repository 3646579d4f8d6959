"""Data sources that only the cloud can answer: one entry each, data and pure functions, as for resource types.

An entry says what is asked for the arguments of a `data` block, which of the found records is meant, and which
attributes it gives, with the values that the provider's state has. An attribute that no entry maps stays unknown.

How to add one: a `DataSource` in the file of its service (`MODULES`), with AWS itself doing the selecting wherever the
provider lets it (filters, names). The functions of an entry are asked with the record that was found, the block's
arguments under "arguments", and what each of `details` found under its name, always as a list; `read` is asked with
the arguments alone. `tests/aws/test_data_sources.py` compares every entry with what real Terraform makes of it.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import field, replace
from typing import Any, Final, TypeAlias, cast

from reconciler.model import Json
from reconciler.records import dataclass
from reconciler.resources.spec import At, Getter, Read, Record, Scope, dig

Arguments: TypeAlias = Mapping[str, Any]
"""What the block sets: blocks as lists of objects, sets as lists; what is not set is absent."""
Select: TypeAlias = Callable[[Sequence[Record], Arguments], Sequence[Record]]

MODULES: Final[Mapping[str, str]] = {
    "aws_acm_certificate": "data_services",
    "aws_ami": "data_network",
    "aws_availability_zone": "data_network",
    "aws_availability_zones": "data_network",
    "aws_caller_identity": "data_identity",
    "aws_cloudwatch_event_bus": "data_services",
    "aws_cloudwatch_log_group": "data_services",
    "aws_dynamodb_table": "data_services",
    "aws_ec2_managed_prefix_list": "data_network",
    "aws_ecr_repository": "data_services",
    "aws_ecs_cluster": "data_services",
    "aws_iam_account_alias": "data_identity",
    "aws_iam_policy": "data_identity",
    "aws_iam_role": "data_identity",
    "aws_iam_user": "data_identity",
    "aws_internet_gateway": "data_network",
    "aws_kms_alias": "data_identity",
    "aws_kms_key": "data_identity",
    "aws_lambda_function": "data_services",
    "aws_lb": "data_balancers",
    "aws_lb_target_group": "data_balancers",
    "aws_prefix_list": "data_network",
    "aws_regions": "data_network",
    "aws_route53_zone": "data_services",
    "aws_route_table": "data_network",
    "aws_route_tables": "data_network",
    "aws_s3_bucket": "data_services",
    "aws_secretsmanager_secret": "data_identity",
    "aws_secretsmanager_secret_version": "data_identity",
    "aws_security_group": "data_network",
    "aws_security_groups": "data_network",
    "aws_sns_topic": "data_services",
    "aws_sqs_queue": "data_services",
    "aws_ssm_parameter": "data_services",
    "aws_ssm_parameters_by_path": "data_services",
    "aws_subnet": "data_network",
    "aws_subnets": "data_network",
    "aws_vpc": "data_network",
    "aws_vpcs": "data_network",
}


def _all(found: Sequence[Record], _arguments: Arguments) -> Sequence[Record]:
    return found


@dataclass(frozen=True, slots=True)
class DataSource:
    """One data source type. Its parameters' functions are asked with the arguments, those of details with the record.

    `several`: the record is {"items": what was found}, and finding nothing is an answer too unless `some`; otherwise
    exactly one record must be left after `select`. `attributes` may answer UNKNOWN for what cannot be told; null for
    a primitive is the zero of its type, as the provider's SDK has it, unless it is `Kept`.
    """

    name: str
    read: Read
    attributes: Mapping[str, Getter]
    select: Select = _all
    details: Mapping[str, Read] = field(default_factory=dict[str, Read])
    several: bool = False
    some: bool = False
    sdk: bool = True  # False: built on the provider's newer framework, which tells null from zero
    # Arguments that AWS cannot select by, and that take a call for every record there is: those are not answered.
    unable: frozenset[str] = frozenset()

    @property
    def reads(self) -> tuple[Read, ...]:
        return (self.read, *self.details.values())

    def chosen(self, found: Sequence[Record], arguments: Arguments) -> Record | str:
        """The record that the attributes are those of, or why there is none: Terraform fails there."""
        asked = sorted(name for name in self.unable if arguments.get(name))
        if asked:
            return f"selecting by {' and '.join(asked)} is not supported"
        left = self.select(found, arguments)
        if self.several:
            if self.some and not left:
                return "nothing matches its arguments"
            return {"items": list(left), "arguments": arguments}
        match len(left):
            case 0:
                return "nothing matches its arguments"
            case 1:
                return {**left[0], "arguments": arguments}
            case many:
                return f"{many} match its arguments, and it takes exactly one"


class _DataSources(Mapping[str, DataSource]):
    def __getitem__(self, name: str) -> DataSource:
        return _load(MODULES[name])[name]

    def __contains__(self, name: object) -> bool:
        return name in MODULES

    def __iter__(self) -> Iterator[str]:
        return iter(MODULES)

    def __len__(self) -> int:
        return len(MODULES)


_loaded: dict[str, dict[str, DataSource]] = {}


def _load(module: str) -> dict[str, DataSource]:
    if module not in _loaded:
        entries: tuple[DataSource, ...] = importlib.import_module(f"reconciler.resources.{module}").DATA_SOURCES
        _loaded[module] = {entry.name: entry for entry in entries}
    return _loaded[module]


DATA_SOURCES: Final[Mapping[str, DataSource]] = _DataSources()


def bound(read: Read, record: Record, scope: Scope) -> Read:
    """`read` with its parameters asked: nothing of it depends on a record any more."""
    asked = {name: value(record, scope) if callable(value) else value for name, value in read.params.items()}
    wanted = read.when is None or bool(read.when(record, scope))
    params = cast("dict[str, Getter | Json]", {name: value for name, value in asked.items() if value is not None})
    return replace(read, params=params, when=None if wanted else _never)


def _never(_record: Record, _scope: Scope) -> bool:
    return False


# -- what entries are made of -----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Kept:
    """What the provider leaves alone where there is nothing: null stays null."""

    get: Getter

    def __call__(self, record: Record, scope: Scope) -> Any:
        return self.get(record, scope)


def argument(name: str, default: Json = None) -> Kept:
    """An argument where the record is what was found."""
    return Kept(At(f"arguments.{name}", default=default))


def listed(name: str) -> Getter:
    """A parameter that takes a list: of the one argument. Nothing and "" are not asked for."""
    return lambda arguments, _: [arguments[name]] if arguments.get(name) else None


def first(detail: str, path: str = "", default: Json = None) -> Getter:
    """Of a detail that finds one object."""
    return lambda record, _: _or(dig(record[detail][0], path) if record[detail] else None, default)


def _or(found: Any, default: Json) -> Any:
    return default if found is None else found


def merged(detail: str) -> Getter:
    """Tags that a detail finds as one object."""
    return lambda record, _: dict(record[detail][0]) if record[detail] else {}


def each(path: str) -> Getter:
    """Of data sources that find several: this of each."""
    return lambda record, _: [dig(item, path) for item in record["items"]]


def region(_record: Record, scope: Scope) -> str:
    """The id of what has none of its own."""
    return scope.region


def filters(**named: str) -> Getter:
    """EC2's filters: arguments by the filter's name, the tags, the filter blocks."""

    def build(arguments: Record, _scope: Scope) -> Json:
        found: list[Json] = [
            {"Name": name, "Values": [_text(arguments[key])]}
            for key, name in named.items()
            if arguments.get(key) not in (None, "", False)
        ]
        tags = cast("Mapping[str, str]", arguments.get("tags") or {})
        pairs = [(f"tag:{key}", [tags[key]]) for key in sorted(tags)]
        pairs += [(block["name"], sorted(block["values"])) for block in arguments.get("filter") or ()]
        found += [cast("Json", {"Name": name, "Values": values}) for name, values in pairs]
        return found or None

    return build


def _text(value: Any) -> str:
    return "true" if value is True else str(value)


def named(path: str, name: str = "name") -> Select:
    """Those whose value at `path` is the argument."""
    return lambda found, arguments: [record for record in found if dig(record, path) == arguments.get(name)]
