"""Security groups: rules inside the group, and standalone rules on the same group."""

from __future__ import annotations

import zlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, Final, Literal, cast

from reconciler.model import UNKNOWN, Json, Operation, Plain
from reconciler.resources.convert import name_prefix, parts, tags
from reconciler.resources.spec import (
    At,
    Attributes,
    Child,
    Gather,
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
from reconciler.resources.writing import ec2_tags, live_tags, operation, tag_list

Direction = Literal["ingress", "egress"]

_GROUPS: Final = Read("ec2:DescribeSecurityGroups", "SecurityGroups", page=1000)
_RULES: Final = Read("ec2:DescribeSecurityGroupRules", "SecurityGroupRules", page=1000)

_SOURCES: Final = {"cidr_blocks": "CidrIp", "ipv6_cidr_blocks": "CidrIpv6", "prefix_list_ids": "PrefixListId"}
_LISTS: Final = {"cidr_blocks": "IpRanges", "ipv6_cidr_blocks": "Ipv6Ranges", "prefix_list_ids": "PrefixListIds"}

# -- rules inside the group -----------------------------------------------------------------------------------


def _inline(permissions: str) -> Getter:
    """Permissions grouped as Terraform does: by protocol, ports and description, `self` told from other groups.

    What may be reached twice may be reached.
    """

    def rules(record: Record, _scope: Scope) -> Json:
        grouped: dict[tuple[str, int, int, str], dict[str, Any]] = {}

        def rule(permission: Record, source: Record) -> dict[str, Any]:
            ports = (permission.get("FromPort") or 0, permission.get("ToPort") or 0)
            key = (permission["IpProtocol"], *ports, source.get("Description") or "")
            empty: dict[str, Any] = {kind: [] for kind in (*_SOURCES, "security_groups")}
            return grouped.setdefault(key, {**empty, "self": False})

        for permission in parts(record, permissions):
            for attribute, source_key in _SOURCES.items():
                for source in parts(permission, _LISTS[attribute]):
                    peers = rule(permission, source)[attribute]
                    peers += [source[source_key]] if source[source_key] not in peers else []
            for pair in parts(permission, "UserIdGroupPairs"):
                found = rule(permission, pair)
                if pair.get("GroupId") == record["GroupId"]:
                    found["self"] = True
                else:
                    found["security_groups"].append(_group_name(pair, record["OwnerId"]))
        return [
            {
                "protocol": p,
                "from_port": f,
                "to_port": t,
                "description": d,
                **rule,
                "security_groups": sorted({*groups}),
            }
            for (p, f, t, d), rule in sorted(grouped.items())
            for groups in [rule["security_groups"]]
        ]

    return rules


def _group_name(pair: Record, owner: str) -> str:
    """Another account's group is named with its account."""
    user, group = pair.get("UserId"), pair.get("GroupId") or pair.get("GroupName")
    return f"{user}/{group}" if user and user != owner else str(group)


Atom = tuple[str, int, int, str, str]
"""One rule as AWS keeps it: protocol, from, to, kind of source (attribute name), source."""


def _atoms(rules: Json) -> dict[Atom, str]:
    """Every single source of inline rules, with its description."""
    atoms: dict[Atom, str] = {}
    for rule in cast("list[dict[str, Any]]", rules or []):
        ports = (str(rule["protocol"]), int(rule["from_port"] or 0), int(rule["to_port"] or 0))
        description = rule.get("description") or ""
        for kind in (*_SOURCES, "security_groups"):
            for source in rule.get(kind) or ():
                atoms[(*ports, kind, source)] = description
        if rule.get("self"):
            atoms[(*ports, "self", "")] = description
    return atoms


def _permission(atom: Atom, group: str, description: str | None) -> dict[str, Json]:
    protocol, start, end, kind, source = atom
    given: dict[str, Json] = {"IpProtocol": protocol}
    if protocol not in ("-1", "all"):
        given |= {"FromPort": start, "ToPort": end}
    said: dict[str, Json] = {} if not description else {"Description": description}
    if kind in _SOURCES:
        return {**given, _LISTS[kind]: [{_SOURCES[kind]: source, **said}]}
    account, _, other = source.rpartition("/")
    pair: dict[str, Json] = {"GroupId": group if kind == "self" else other, **said}
    return {**given, "UserIdGroupPairs": [{**pair, "UserId": account} if account else pair]}


def _change_inline(direction: Direction) -> Write:
    verb = direction.capitalize()
    authorize, revoke = f"ec2:AuthorizeSecurityGroup{verb}", f"ec2:RevokeSecurityGroup{verb}"
    describe = f"ec2:UpdateSecurityGroupRuleDescriptions{verb}"

    def build(subject: Subject) -> Iterable[Operation]:
        before = _atoms((subject.before or {}).get(direction))
        after = _atoms((subject.after or {}).get(direction))
        group = subject.id

        def call(name: str, atoms: Mapping[Atom, str | None]) -> Iterable[Operation]:
            if atoms:
                permissions = [_permission(atom, group, said) for atom, said in sorted(atoms.items())]
                yield operation(name, {"GroupId": group, "IpPermissions": cast("list[Json]", permissions)})

        # First what is to be open, so that nothing that both sides allow is interrupted.
        yield from call(authorize, {a: d for a, d in after.items() if a not in before})
        yield from call(revoke, {a: None for a in before if a not in after})
        yield from call(describe, {a: d for a, d in after.items() if a in before and before[a] != d})

    return Write((authorize, revoke, describe), frozenset((direction,)), build)


_CHILDREN: Final = (
    Child("aws_vpc_security_group_ingress_rule", "security_group_id", ("ingress",)),
    Child("aws_vpc_security_group_egress_rule", "security_group_id", ("egress",)),
    Child("aws_security_group_rule", "security_group_id", ("ingress", "egress")),
)


def _arn(record: Record, scope: Scope) -> str:
    known = record.get("SecurityGroupArn")
    return known or f"arn:{scope.partition}:ec2:{scope.region}:{record['OwnerId']}:security-group/{record['GroupId']}"


_GROUP: Final = ResourceType(
    name="aws_security_group",
    list=_GROUPS,
    id=At("GroupId"),
    natural_keys=(("vpc_id", "name"),),
    attributes={
        "arn": _arn,
        "description": At("Description"),
        "egress": _inline("IpPermissionsEgress"),
        "id": At("GroupId"),
        "ingress": _inline("IpPermissions"),
        "name": At("GroupName"),
        "name_prefix": name_prefix("GroupName"),
        "owner_id": At("OwnerId"),
        "tags": tags(),
        "vpc_id": At("VpcId"),
    },
    config_only=frozenset(("revoke_rules_on_delete",)),
    semantics={
        f"{direction}.{name}": how
        for direction in ("ingress", "egress")
        for name, how in {
            "cidr_blocks": Semantics.UNORDERED,
            "ipv6_cidr_blocks": Semantics.UNORDERED,
            "prefix_list_ids": Semantics.UNORDERED,
            "protocol": Semantics.PROTOCOL,
        }.items()
    },
    writes=(_change_inline("ingress"), _change_inline("egress"), ec2_tags()),
    aws_owned=lambda record, _: record["GroupName"] == "default",
    children=_CHILDREN,
)

# -- standalone rules: one source each ------------------------------------------------------------------------


def _port(path: str) -> At:
    return At(path, lambda port: None if port == -1 else port)


def _source_group(record: Record, scope: Scope) -> str | None:
    info = record.get("ReferencedGroupInfo")
    return _group_name(info, record.get("GroupOwnerId") or scope.account) if info else None


def _of(direction: Direction) -> Callable[[Record, Scope], Iterable[Record]]:
    wanted = direction == "egress"
    return lambda record, _: [record] if bool(record.get("IsEgress")) == wanted else []


_RULE_SOURCES: Final = {
    "cidr_ipv4": "cidr_blocks",
    "cidr_ipv6": "ipv6_cidr_blocks",
    "prefix_list_id": "prefix_list_ids",
    "referenced_security_group_id": "security_groups",
}


def _rule_atom(rule: Attributes) -> Atom:
    ports = [-1 if rule.get(p) is None else int(cast(int, rule[p])) for p in ("from_port", "to_port")]
    kind = next((k for k in _RULE_SOURCES if rule.get(k)), "cidr_ipv4")
    return (str(rule["ip_protocol"]), ports[0], ports[1], _RULE_SOURCES[kind], str(rule.get(kind) or ""))


def _standalone_permission(rule: Attributes) -> dict[str, Json]:
    return _permission(_rule_atom(rule), "", cast("str | None", rule.get("description")))


def _create_rule(direction: Direction) -> Write:
    name = f"ec2:AuthorizeSecurityGroup{direction.capitalize()}"

    def build(subject: Subject) -> Iterable[Operation]:
        rule = subject.known
        parameters: dict[str, Json] = {
            "GroupId": rule["security_group_id"],
            "IpPermissions": [_standalone_permission(rule)],
        }
        if live_tags(rule):
            tagged: Json = {"ResourceType": "security-group-rule", "Tags": tag_list(live_tags(rule))}
            parameters["TagSpecifications"] = [tagged]
        yield operation(name, parameters)

    return Write((name,), frozenset(), build, actions=(name, "ec2:CreateTags"))


def _delete_rule(direction: Direction) -> Write:
    """By what the rule says, not by its id, which a rule created anew does not keep."""
    name = f"ec2:RevokeSecurityGroup{direction.capitalize()}"

    def build(subject: Subject) -> Iterable[Operation]:
        rule = subject.before or subject.known
        permission = _standalone_permission({**rule, "description": None})
        yield operation(name, {"GroupId": rule["security_group_id"], "IpPermissions": [permission]})

    return Write((name,), frozenset(), build)


def _modify_rule() -> Write:
    name = "ec2:ModifySecurityGroupRules"
    keys = {
        "cidr_ipv4": "CidrIpv4",
        "cidr_ipv6": "CidrIpv6",
        "description": "Description",
        "from_port": "FromPort",
        "ip_protocol": "IpProtocol",
        "prefix_list_id": "PrefixListId",
        "referenced_security_group_id": "ReferencedGroupId",
        "to_port": "ToPort",
    }

    def build(subject: Subject) -> Iterable[Operation]:
        after, before = subject.known, subject.before or {}
        rule = {keys[name]: after[name] for name in keys if after.get(name) not in (None, "")}
        if isinstance(rule.get("ReferencedGroupId"), str):
            rule["ReferencedGroupId"] = str(rule["ReferencedGroupId"]).rpartition("/")[2]
        rule = {"Description": "", "FromPort": -1, "ToPort": -1, **rule}
        update: Json = {"SecurityGroupRuleId": subject.id, "SecurityGroupRule": rule}
        yield operation(name, {"GroupId": before.get("security_group_id"), "SecurityGroupRules": [update]})

    return Write((name,), frozenset(keys), build)


def _standalone(direction: Direction) -> ResourceType:
    return ResourceType(
        name=f"aws_vpc_security_group_{direction}_rule",
        list=_RULES,
        expand=_of(direction),
        id=At("SecurityGroupRuleId"),
        natural_keys=(("security_group_id", "ip_protocol", "from_port", "to_port", *_RULE_SOURCES),),
        attributes={
            "arn": lambda r, scope: (
                r.get("SecurityGroupRuleArn") or scope.arn("ec2", f"security-group-rule/{r['SecurityGroupRuleId']}")
            ),
            "cidr_ipv4": At("CidrIpv4"),
            "cidr_ipv6": At("CidrIpv6"),
            "description": At("Description", lambda text: text or None),
            "from_port": _port("FromPort"),
            "id": At("SecurityGroupRuleId"),
            "ip_protocol": At("IpProtocol"),
            "prefix_list_id": At("PrefixListId"),
            "referenced_security_group_id": _source_group,
            "security_group_id": At("GroupId"),
            "security_group_rule_id": At("SecurityGroupRuleId"),
            "tags": tags(),
            "to_port": _port("ToPort"),
        },
        semantics={
            "from_port": Semantics.PORT,
            "to_port": Semantics.PORT,
            "ip_protocol": Semantics.PROTOCOL,
        },
        writes=(_modify_rule(), ec2_tags()),
        create=_create_rule(direction),
        delete=_delete_rule(direction),
    )


# -- the older standalone rule: several sources, kept apart only by Terraform --------------------------------


def _pick(rules: Sequence[Attributes], wanted: Attributes) -> Sequence[Attributes]:
    """The rules that are a part of the wanted one; those that are missing are then missing in its lists."""
    return [rule for rule in rules if _same_ports(rule, wanted) and _sources(rule) <= _sources(wanted)]


def _same_ports(rule: Attributes, wanted: Attributes) -> bool:
    def shape(attributes: Attributes) -> tuple[object, ...]:
        protocol = str(attributes.get("protocol")).lower()
        protocol = {"6": "tcp", "17": "udp", "1": "icmp", "58": "icmpv6", "all": "-1"}.get(protocol, protocol)
        ports = (0, 0) if protocol == "-1" else (attributes.get("from_port"), attributes.get("to_port"))
        return (attributes.get("type"), protocol, *ports)

    return shape(rule) == shape(wanted)


def _sources(rule: Attributes) -> set[tuple[str, str]]:
    found = {(kind, str(s)) for kind in _SOURCES for s in cast("list[str] | None", rule.get(kind)) or ()}
    group = rule.get("source_security_group_id")
    if rule.get("self") or (group and group == rule.get("security_group_id")):
        found.add(("self", ""))
    elif group:
        found.add(("group", str(group)))
    return found


def _merge(rules: Sequence[Attributes], wanted: Attributes) -> Attributes:
    merged = dict(rules[0])
    for kind in _SOURCES:
        live = [s for rule in rules for s in cast("list[str]", rule[kind])]
        order = {s: n for n, s in enumerate(cast("list[str] | None", wanted.get(kind)) or ())}
        merged[kind] = cast("list[Json]", sorted(live, key=lambda s: order.get(s, len(order))))
    groups = [rule["source_security_group_id"] for rule in rules if rule["source_security_group_id"]]
    merged["source_security_group_id"] = groups[0] if groups else None
    # `self = true` and naming the own group are the same rule; each is kept as it was written.
    merged["self"] = any(rule["self"] for rule in rules) and bool(wanted.get("self"))
    merged["security_group_rule_id"] = rules[0]["security_group_rule_id"] if len(rules) == 1 else ""
    merged["id"] = _legacy_id(merged)
    if merged["self"]:
        merged["source_security_group_id"] = None
    return merged


def _legacy_id(rule: Attributes) -> str:
    """The hash that the provider gives a rule as its id."""
    text = f"{rule['security_group_id']}-"
    text += "".join(f"{rule[port]}-" for port in ("from_port", "to_port") if cast(int, rule[port] or 0) > 0)
    text += f"{rule['protocol']}-{rule['type']}-"
    for kind in _SOURCES:
        text += "".join(f"{source}-" for source in sorted(cast("list[str]", rule[kind])))
    if rule["source_security_group_id"]:
        text += f"{str(rule['source_security_group_id']).rpartition('/')[2]}--"
    return f"sgrule-{zlib.crc32(text.encode())}"


def _zero_port(name: str) -> Getter:
    return lambda r, _: 0 if r["IpProtocol"] == "-1" else r.get(name)


def _legacy_type(subject: Subject) -> Direction:
    return "egress" if subject.known["type"] == "egress" else "ingress"


def _legacy_permissions(rule: Attributes, sources: set[tuple[str, str]]) -> list[Json]:
    kinds = {"self": "self", "group": "security_groups"}
    ports = (int(cast(int, rule["from_port"] or 0)), int(cast(int, rule["to_port"] or 0)))
    said, group = cast("str | None", rule.get("description")), str(rule["security_group_id"])
    return [
        _permission((str(rule["protocol"]), *ports, kinds.get(kind, kind), source), group, said)
        for kind, source in sorted(sources)
    ]


_LEGACY_OPERATIONS: Final = tuple(
    f"ec2:{verb}SecurityGroup{direction}" for verb in ("Authorize", "Revoke") for direction in ("Ingress", "Egress")
)


def _legacy_build(subject: Subject) -> Iterable[Operation]:
    """Authorizes the sources that are wanted and not there, revokes those that are there and not wanted."""
    direction = _legacy_type(subject).capitalize()
    after, before = subject.after, subject.before
    group: Json = subject.known["security_group_id"]
    wanted, there = _sources(after or {}), _sources(before or {})
    added, gone = wanted - there, there - wanted
    if after and added:
        given: dict[str, Json] = {"GroupId": group, "IpPermissions": _legacy_permissions(after, added)}
        yield operation(f"ec2:AuthorizeSecurityGroup{direction}", given)
    if before and gone:
        given = {"GroupId": group, "IpPermissions": _legacy_permissions({**before, "description": None}, gone)}
        yield operation(f"ec2:RevokeSecurityGroup{direction}", given)


def _legacy_describe(subject: Subject) -> Iterable[Operation]:
    direction = _legacy_type(subject).capitalize()
    rule = subject.known
    given: dict[str, Json] = {
        "GroupId": rule["security_group_id"],
        "IpPermissions": _legacy_permissions(rule, _sources(rule)),
    }
    yield operation(f"ec2:UpdateSecurityGroupRuleDescriptions{direction}", given)


def _all_ports(values: Mapping[str, Plain]) -> Mapping[str, Plain]:
    """Where all protocols are allowed the provider does not look at the ports that the code says."""
    if values.get("protocol") is UNKNOWN:
        return {"from_port": UNKNOWN, "to_port": UNKNOWN}
    everything = str(values.get("protocol")).lower() in ("-1", "all")
    return {"from_port": 0, "to_port": 0} if everything else {}


_LEGACY: Final = ResourceType(
    name="aws_security_group_rule",
    # Under ids of their own: one of these may be several of those.
    twins=("aws_vpc_security_group_egress_rule", "aws_vpc_security_group_ingress_rule"),
    list=_RULES,
    id=At("SecurityGroupRuleId"),
    gather=Gather("security_group_id", _pick, _merge),
    attributes={
        "cidr_blocks": lambda r, _: [r["CidrIpv4"]] if r.get("CidrIpv4") else [],
        "description": At("Description", default=""),
        "from_port": _zero_port("FromPort"),
        "id": At("SecurityGroupRuleId"),
        "ipv6_cidr_blocks": lambda r, _: [r["CidrIpv6"]] if r.get("CidrIpv6") else [],
        "prefix_list_ids": lambda r, _: [r["PrefixListId"]] if r.get("PrefixListId") else [],
        "protocol": At("IpProtocol"),
        "security_group_id": At("GroupId"),
        "security_group_rule_id": At("SecurityGroupRuleId"),
        "self": lambda r, _: dig(r, "ReferencedGroupInfo.GroupId") == r["GroupId"],
        "source_security_group_id": _source_group,
        "to_port": _zero_port("ToPort"),
        "type": lambda r, _: "egress" if r.get("IsEgress") else "ingress",
    },
    planned=_all_ports,
    semantics={
        "protocol": Semantics.PROTOCOL,
        "cidr_blocks": Semantics.UNORDERED,
        "ipv6_cidr_blocks": Semantics.UNORDERED,
        "prefix_list_ids": Semantics.UNORDERED,
    },
    writes=(
        Write(_LEGACY_OPERATIONS, frozenset((*_SOURCES, "self", "source_security_group_id")), _legacy_build),
        Write(
            tuple(f"ec2:UpdateSecurityGroupRuleDescriptions{d}" for d in ("Ingress", "Egress")),
            frozenset(("description",)),
            _legacy_describe,
        ),
    ),
    create=Write(_LEGACY_OPERATIONS, frozenset(), _legacy_build),
    delete=Write(_LEGACY_OPERATIONS, frozenset(), _legacy_build),
)

TYPES: Final = (_GROUP, _standalone("ingress"), _standalone("egress"), _LEGACY)
