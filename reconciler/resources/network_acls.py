"""Network access lists: entries inside the list, and standalone rules on the same list."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Final, cast

from reconciler.model import Json, Operation
from reconciler.resources.convert import items, names, parts, tags
from reconciler.resources.spec import (
    UNTOLD,
    At,
    Attributes,
    Child,
    Getter,
    Read,
    Record,
    ResourceType,
    Scope,
    Semantics,
    Subject,
    Write,
    dig,
)
from reconciler.resources.writing import ec2_tags, operation

_LISTS: Final = Read("ec2:DescribeNetworkAcls", "NetworkAcls", page=1000)
_LAST: Final = (32767, 32768)  # the rules that deny the rest, which nobody can change
_NUMBERS: Final = {"tcp": "6", "udp": "17", "icmp": "1", "icmpv6": "58", "ipv6-icmp": "58", "all": "-1"}

# -- entries inside the list ----------------------------------------------------------------------------------


def _entry(entry: Record) -> dict[str, Json]:
    return {
        "action": entry["RuleAction"],
        "cidr_block": entry.get("CidrBlock") or "",
        "from_port": dig(entry, "PortRange.From") or 0,
        "icmp_code": dig(entry, "IcmpTypeCode.Code") or 0,
        "icmp_type": dig(entry, "IcmpTypeCode.Type") or 0,
        "ipv6_cidr_block": entry.get("Ipv6CidrBlock") or "",
        "protocol": entry["Protocol"],
        "rule_no": entry["RuleNumber"],
        "to_port": dig(entry, "PortRange.To") or 0,
    }


def _entries(*, egress: bool) -> Getter:
    def entries(record: Record, _scope: Scope) -> Json:
        mine = [e for e in parts(record, "Entries") if bool(e.get("Egress")) is egress and e["RuleNumber"] not in _LAST]
        return [_entry(entry) for entry in sorted(mine, key=lambda e: e["RuleNumber"])]

    return entries


def _by_number(side: Attributes | None, direction: str) -> dict[int, dict[str, Any]]:
    return {int(entry["rule_no"]): entry for entry in parts(dict(side or {}), direction)}


def _entry_parameters(acl: Json, entry: Mapping[str, Any], *, egress: bool) -> dict[str, Json]:
    """`entry` with the names of an inline one."""
    protocol = str(entry["protocol"]).lower()
    protocol = _NUMBERS.get(protocol, protocol)
    given: dict[str, Json] = {
        "NetworkAclId": acl,
        "RuleNumber": int(entry["rule_no"]),
        "Egress": egress,
        "Protocol": protocol,
        "RuleAction": str(entry["action"]).lower(),
        "CidrBlock": entry.get("cidr_block") or None,
        "Ipv6CidrBlock": entry.get("ipv6_cidr_block") or None,
    }
    if protocol in ("1", "58"):
        given["IcmpTypeCode"] = {"Type": int(entry.get("icmp_type") or 0), "Code": int(entry.get("icmp_code") or 0)}
    if protocol != "-1":
        given["PortRange"] = {"From": int(entry.get("from_port") or 0), "To": int(entry.get("to_port") or 0)}
    return given


_ENTRY_OPERATIONS: Final = (
    "ec2:CreateNetworkAclEntry",
    "ec2:ReplaceNetworkAclEntry",
    "ec2:DeleteNetworkAclEntry",
)


def _change_entries(direction: str) -> Write:
    egress = direction == "egress"

    def build(subject: Subject) -> Iterable[Operation]:
        before, after = _by_number(subject.before, direction), _by_number(subject.after, direction)
        for number in sorted(after):
            given = _entry_parameters(subject.id, after[number], egress=egress)
            if number not in before:
                yield operation("ec2:CreateNetworkAclEntry", given)
            elif _entry_parameters(subject.id, before[number], egress=egress) != given:
                yield operation("ec2:ReplaceNetworkAclEntry", given)
        for number in sorted(before.keys() - after.keys()):
            gone: dict[str, Json] = {"NetworkAclId": subject.id, "RuleNumber": number, "Egress": egress}
            yield operation("ec2:DeleteNetworkAclEntry", gone)

    return Write(_ENTRY_OPERATIONS, frozenset((direction,)), build)


_ATTRIBUTES: Final[Mapping[str, Getter]] = {
    "arn": lambda r, scope: f"arn:{scope.partition}:ec2:{scope.region}:{r['OwnerId']}:network-acl/{r['NetworkAclId']}",
    "egress": _entries(egress=True),
    "id": At("NetworkAclId"),
    "ingress": _entries(egress=False),
    "owner_id": At("OwnerId"),
    "subnet_ids": At("Associations", lambda found: names(items("SubnetId")(found)), []),
    "tags": tags(),
    "vpc_id": At("VpcId"),
}
_SEMANTICS: Final = {
    f"{direction}.{name}": how
    for direction in ("egress", "ingress")
    for name, how in {"protocol": Semantics.PROTOCOL, "action": Semantics.CASELESS}.items()
}
_WRITES: Final = (_change_entries("egress"), _change_entries("ingress"), ec2_tags())
_CHILDREN: Final = (Child("aws_network_acl_rule", "network_acl_id", ("egress", "ingress")),)

_LIST: Final = ResourceType(
    name="aws_network_acl",
    list=_LISTS,
    expand=lambda record, _: [] if record.get("IsDefault") else [record],
    id=At("NetworkAclId"),
    natural_keys=(("vpc_id", "tags.Name"),),
    attributes=_ATTRIBUTES,
    semantics=_SEMANTICS,
    writes=_WRITES,
    children=_CHILDREN,
)

_DEFAULT: Final = ResourceType(
    name="aws_default_network_acl",
    list=_LISTS,
    expand=lambda record, _: [record] if record.get("IsDefault") else [],
    id=At("NetworkAclId"),
    natural_keys=(("default_network_acl_id",),),
    attributes={**_ATTRIBUTES, "default_network_acl_id": At("NetworkAclId")},
    semantics=_SEMANTICS,
    writes=_WRITES,
    aws_owned=lambda _record, _scope: True,
    children=_CHILDREN,
)

# -- standalone rules -----------------------------------------------------------------------------------------


def _each(record: Record, _scope: Scope) -> Iterable[Record]:
    return [{**entry, "NetworkAclId": record["NetworkAclId"]} for entry in parts(record, "Entries")]


def _told(path: str, *protocols: str) -> Getter:
    """Where nothing is told of a rule of these protocols, which have it, the provider leaves its state as it is."""

    def get(record: Record, _scope: Scope) -> Any:
        found = dig(record, path)
        return UNTOLD if found is None and record["Protocol"] in protocols else found

    return get


def _inline_form(rule: Attributes) -> dict[str, Any]:
    return {**cast("dict[str, Any]", rule), "rule_no": rule["rule_number"], "action": rule.get("rule_action")}


def _put(name: str, attributes: Iterable[str] = ()) -> Write:
    def build(subject: Subject) -> Iterable[Operation]:
        rule = subject.known
        given = _entry_parameters(rule["network_acl_id"], _inline_form(rule), egress=bool(rule.get("egress")))
        yield operation(name, given)

    return Write((name,), frozenset(attributes), build)


def _delete(subject: Subject) -> Iterable[Operation]:
    rule = subject.known
    given: dict[str, Json] = {
        "NetworkAclId": rule["network_acl_id"],
        "RuleNumber": int(cast(int, rule["rule_number"])),
        "Egress": bool(rule.get("egress")),
    }
    yield operation("ec2:DeleteNetworkAclEntry", given)


_CHANGEABLE: Final = (
    "cidr_block", "from_port", "icmp_code", "icmp_type", "ipv6_cidr_block", "protocol", "rule_action", "to_port"
)  # fmt: skip

_RULE: Final = ResourceType(
    name="aws_network_acl_rule",
    list=_LISTS,
    expand=_each,
    # Terraform's id is a hash of the protocol as it is written in the code.
    id=lambda r, _: f"{r['NetworkAclId']}:{r['RuleNumber']}:{'egress' if r['Egress'] else 'ingress'}",
    id_from_live=False,
    natural_keys=(("network_acl_id", "rule_number", "egress"),),
    import_id=lambda r, _: f"{r['NetworkAclId']}:{r['RuleNumber']}:{r['Protocol']}:{str(r['Egress']).lower()}",
    attributes={
        "cidr_block": At("CidrBlock", default=""),
        "egress": At("Egress", default=False),
        "from_port": _told("PortRange.From", "6", "17"),
        "icmp_code": _told("IcmpTypeCode.Code", "1", "58"),
        "icmp_type": _told("IcmpTypeCode.Type", "1", "58"),
        "ipv6_cidr_block": At("Ipv6CidrBlock", default=""),
        "network_acl_id": At("NetworkAclId"),
        "protocol": At("Protocol"),
        "rule_action": At("RuleAction"),
        "rule_number": At("RuleNumber"),
        "to_port": _told("PortRange.To", "6", "17"),
    },
    config_only=frozenset(("id",)),
    semantics={"protocol": Semantics.PROTOCOL, "rule_action": Semantics.CASELESS},
    writes=(_put("ec2:ReplaceNetworkAclEntry", _CHANGEABLE),),
    create=_put("ec2:CreateNetworkAclEntry"),
    delete=Write(("ec2:DeleteNetworkAclEntry",), frozenset(), _delete),
    aws_owned=lambda record, _: record["RuleNumber"] in _LAST,
)

TYPES: Final = (_LIST, _DEFAULT, _RULE)
