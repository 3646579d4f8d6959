"""Channels: who can reach whom, over which hops, and what a finding does to it.

A node is something that sends, carries or receives (a topic, a queue, a function). An edge is a resource, or an
attribute of one, that passes messages or requests on. Supporters are what a node needs beside that: its role and its
policies, its security groups and their rules. A channel is a chain of edges from where something enters to where it
ends; a finding touches the channels through what it is about, or supports.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import field, replace
from itertools import chain, islice
from typing import Final, Literal, TypeAlias

from reconciler import severity
from reconciler.model import Finding, Json, LiveResource, Plain, Resource
from reconciler.records import dataclass
from reconciler.semantics import widened

Effect: TypeAlias = Literal["opens", "breaks", "weakens"]

_MOST: Final = 12  # channels that one finding names
_LONGEST: Final = 8  # hops
_ENOUGH: Final = 2_000  # chains looked at: where everything reaches everything they are without number

_KINDS: Final[Mapping[str, str]] = {
    "aws_sns_topic": "sns",
    "aws_sqs_queue": "sqs",
    "aws_lambda_function": "lambda",
    "aws_cloudwatch_event_rule": "rule",
    "aws_cloudwatch_event_bus": "bus",
    "aws_kinesis_stream": "kinesis",
    "aws_kinesis_firehose_delivery_stream": "firehose",
    "aws_dynamodb_table": "dynamodb",
    "aws_sfn_state_machine": "states",
    "aws_s3_bucket": "s3",
    "aws_scheduler_schedule": "schedule",
    "aws_pipes_pipe": "pipe",
    "aws_apigatewayv2_api": "api",
    "aws_api_gateway_rest_api": "api",
    "aws_lb": "lb",
    "aws_lb_target_group": "targets",
    "aws_ecs_service": "ecs",
    "aws_route53_record": "dns",
    "aws_security_group": "sg",
    "aws_mq_broker": "mq",
    "aws_cloudwatch_log_group": "logs",
    "aws_vpc_endpoint": "endpoint",
}

_EDGES: Final[Mapping[str, tuple[tuple[str, str], ...]]] = {
    "aws_sns_topic_subscription": (("topic_arn", "endpoint"),),
    "aws_lambda_event_source_mapping": (("event_source_arn", "function_name"),),
    "aws_cloudwatch_event_target": (("rule", "arn"),),
    "aws_cloudwatch_event_rule": (("event_bus_name", "."),),
    "aws_scheduler_schedule": ((".", "target.arn"),),
    "aws_pipes_pipe": (("source", "."), (".", "target")),
    "aws_apigatewayv2_integration": (("api_id", "integration_uri"),),
    "aws_api_gateway_integration": (("rest_api_id", "uri"),),
    "aws_lb_listener": (("load_balancer_arn", "default_action.target_group_arn"),),
    "aws_lb_listener_rule": (("listener_arn", "action.target_group_arn"),),
    "aws_lb_target_group_attachment": (("target_group_arn", "target_id"),),
    "aws_ecs_service": (("load_balancer.target_group_arn", "."),),
    "aws_route53_record": ((".", "alias.name"),),
    "aws_s3_bucket_notification": (
        ("bucket", "queue.queue_arn"),
        ("bucket", "topic.topic_arn"),
        ("bucket", "lambda_function.lambda_function_arn"),
    ),
    "aws_cloudwatch_log_subscription_filter": (("log_group_name", "destination_arn"),),
    "aws_kinesis_firehose_delivery_stream": (("kinesis_source_configuration.kinesis_stream_arn", "."),),
    "aws_lambda_function": ((".", "dead_letter_config.target_arn"),),
    "aws_security_group_rule": (("source_security_group_id", "security_group_id"),),
    "aws_vpc_security_group_ingress_rule": (("referenced_security_group_id", "security_group_id"),),
    "aws_dynamodb_kinesis_streaming_destination": (("table_name", "stream_arn"),),
}
"""type -> (where from, where to) as attribute paths; "." is the resource itself."""

_SUPPORTS: Final[Mapping[str, tuple[str, ...]]] = {
    "aws_sqs_queue_policy": ("queue_url",),
    "aws_sqs_queue_redrive_policy": ("queue_url",),
    "aws_sns_topic_policy": ("arn",),
    "aws_lambda_permission": ("function_name",),
    "aws_lambda_alias": ("function_name",),
    "aws_lambda_function_url": ("function_name",),
    "aws_iam_role_policy": ("role",),
    "aws_iam_role_policy_attachment": ("role",),
    "aws_cloudwatch_event_bus_policy": ("event_bus_name",),
    "aws_cloudwatch_event_permission": ("event_bus_name",),
    "aws_security_group_rule": ("security_group_id",),
    "aws_vpc_security_group_ingress_rule": ("security_group_id",),
    "aws_vpc_security_group_egress_rule": ("security_group_id",),
    "aws_s3_bucket_policy": ("bucket",),
    "aws_s3_bucket_public_access_block": ("bucket",),
    "aws_kms_key_policy": ("key_id",),
    "aws_lb_listener": ("load_balancer_arn",),
}
"""type -> attributes that name what it is a part of."""

_NEEDS: Final[Mapping[str, tuple[str, ...]]] = {
    "aws_lambda_function": ("role", "vpc_config.security_group_ids", "kms_key_arn"),
    "aws_sqs_queue": ("kms_master_key_id",),
    "aws_sns_topic": ("kms_master_key_id",),
    "aws_sfn_state_machine": ("role_arn",),
    "aws_pipes_pipe": ("role_arn",),
    "aws_scheduler_schedule": ("target.role_arn",),
    "aws_lb": ("security_groups",),
    "aws_ecs_service": ("network_configuration.security_groups",),
    "aws_kinesis_stream": ("kms_key_id",),
}
"""type -> attributes that name what it cannot do without."""


_NAMES: Final = ("arn", "url", "name", "function_name", "bucket", "invoke_arn", "dns_name", "qualified_arn", "key_id")


def looked_at(type_name: str) -> frozenset[str]:
    """The attributes of the type that a channel may go by."""
    paths = [*_SUPPORTS.get(type_name, ()), *_NEEDS.get(type_name, ()), *_NAMES, "redrive_policy"]
    paths += [path for pair in _EDGES.get(type_name, ()) for path in pair]
    return frozenset(path.partition(".")[0] for path in paths)


@dataclass(frozen=True, slots=True)
class Graph:
    """Nodes by address. `edges`: from -> to -> the resources that make the edge. `supports`: address -> nodes."""

    labels: Mapping[str, str]
    edges: Mapping[str, Mapping[str, frozenset[str]]]
    supports: Mapping[str, frozenset[str]] = field(default_factory=dict[str, frozenset[str]])

    def channels(self) -> list[str]:
        """Every channel, "sns:events -> sqs:payments -> lambda:ledger", sorted."""
        reached = {to for targets in self.edges.values() for to in targets}
        starts = [node for node in self.edges if node not in reached] or sorted(self.edges)
        paths = chain.from_iterable(self._forward((start,)) for start in starts)
        return sorted({self._text(path) for path in islice(paths, _ENOUGH)})

    def through(self, address: str) -> tuple[str, ...]:
        """The channels that the resource at `address` is a hop of, makes, or supports; the shortest first."""
        nodes = {address} if address in self.labels else set[str]()
        edges = {(a, b) for a, targets in self.edges.items() for b, makers in targets.items() if address in makers}
        for node in self._supported(address):
            nodes.add(node)
        paths = chain.from_iterable(
            self._around(start) for start in [*((node,) for node in sorted(nodes)), *sorted(edges)]
        )
        found = {self._text(path) for path in islice(paths, _ENOUGH)}
        hops = sorted((text for text in found if "->" in text), key=lambda text: (text.count("->"), text))
        return tuple(hops[:_MOST])

    def _supported(self, address: str) -> Iterator[str]:
        """The nodes that need `address`, over several steps: a policy, its role, the role's functions."""
        seen, waiting = {address}, [address]
        while waiting:
            for other in self.supports.get(waiting.pop(), ()):
                if other not in seen:
                    seen.add(other)
                    waiting.append(other)
                    if other in self.labels:
                        yield other

    def _around(self, path: tuple[str, ...]) -> Iterator[tuple[str, ...]]:
        for before in self._backward(path):
            yield from self._forward(before)

    def _forward(self, path: tuple[str, ...]) -> Iterator[tuple[str, ...]]:
        following = [node for node in sorted(self.edges.get(path[-1], ())) if node not in path]
        if not following or len(path) >= _LONGEST:
            yield path
            return
        for node in following:
            yield from self._forward((*path, node))

    def _backward(self, path: tuple[str, ...]) -> Iterator[tuple[str, ...]]:
        before = sorted(a for a, targets in self.edges.items() if path[0] in targets and a not in path)
        if not before or len(path) >= _LONGEST:
            yield path
            return
        for node in before:
            yield from self._backward((node, *path))

    def _text(self, path: Sequence[str]) -> str:
        return " -> ".join(self.labels[node] for node in path)


def build(resources: Iterable[Resource], live: Mapping[str, LiveResource]) -> Graph:
    """The channels that the code describes; `live` (by address) tells ids and ARNs, and what the code leaves open."""
    facts = {str(r.address): _Facts(r, live.get(str(r.address))) for r in resources}
    known = _Names(facts)
    labels = {a: f.label for a, f in facts.items() if f.resource.type in _KINDS}
    edges: dict[str, dict[str, set[str]]] = {}
    supports: dict[str, set[str]] = {}
    for address, fact in facts.items():
        for source, target in _EDGES.get(fact.resource.type, ()):
            for a in known.resolved(fact, source, address):
                for b in known.resolved(fact, target, address):
                    if a != b and a in labels and b in labels:
                        edges.setdefault(a, {}).setdefault(b, set()).add(address)
        for path in _SUPPORTS.get(fact.resource.type, ()):
            for node in known.resolved(fact, path, address):
                supports.setdefault(address, set()).add(node)
        for path in _NEEDS.get(fact.resource.type, ()):
            for needed in known.resolved(fact, path, address):
                supports.setdefault(needed, set()).add(address)
        _redrive(fact, address, known, labels, edges)
    fixed = {a: {b: frozenset(makers) for b, makers in targets.items()} for a, targets in edges.items()}
    return Graph(labels, fixed, {a: frozenset(nodes) for a, nodes in supports.items()})


def annotated(findings: Iterable[Finding], graph: Graph) -> tuple[Finding, ...]:
    """The findings with the channels that they touch; those in sync touch none."""
    return tuple(
        replace(f, channels=graph.through(str(f.address))) if f.address and f.status != "in_sync" else f
        for f in findings
    )


def effect(finding: Finding) -> Effect:
    """What a finding does to the channels through it."""
    if any(
        severity.opens(finding.type, c.path, c.live) and not severity.opens(finding.type, c.path, c.code)
        for c in finding.changes
    ):
        return "opens"
    off = any(c.live is None or c.live in ("DISABLED", "Disabled") for c in finding.changes)
    return "breaks" if finding.status == "missing" or off else "weakens"


# -- names ----------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Facts:
    """A resource with what is known of it: the code's values, else live's."""

    resource: Resource
    live: LiveResource | None

    def values(self, path: str) -> Iterator[str]:
        """The texts at a dotted path of names, through lists."""
        first, _, rest = path.partition(".")
        value: Plain = self.resource.values.get(first)
        if not isinstance(value, str | list | dict) and self.live is not None:
            value = widened(self.live.attributes.get(first))
        yield from _texts(value, rest.split(".") if rest else [])

    @property
    def label(self) -> str:
        named = next((n for path in ("name", "function_name", "bucket", "id") for n in self.values(path)), None)
        return f"{_KINDS[self.resource.type]}:{named or self.resource.address}"


def _texts(value: Plain, steps: Sequence[str]) -> Iterator[str]:
    match value:
        case list():
            for item in value:
                yield from _texts(item, steps)
        case dict() if steps:
            yield from _texts(value.get(steps[0]), steps[1:])
        case str() if not steps and value:
            yield value
        case _:
            return


class _Names:
    """Resources by everything that others call them: id, ARN, URL, name."""

    def __init__(self, facts: Mapping[str, _Facts]) -> None:
        self._by_name: dict[str, set[str]] = {}
        self._types = {address: fact.resource.type for address, fact in facts.items()}
        for address, fact in facts.items():
            names = {name for path in _NAMES for name in fact.values(path)}
            for name in {*names, *([fact.live.id] if fact.live else [])}:
                self._by_name.setdefault(name, set()).add(address)

    def resolved(self, fact: _Facts, path: str, address: str) -> set[str]:
        """The addresses that the values at `path` stand for; by name only where one resource alone has it."""
        if path == ".":
            return {address}
        found: set[str] = set()
        for value in fact.values(path):
            named = self._by_name.get(value, set()) | self._by_name.get(_bare(value), set())
            wanted = {a for a in named if a != address and self._fits(path, a)}
            if value.startswith("arn:") or len(wanted) == 1:
                found |= wanted
        return found

    def named(self, value: str) -> set[str]:
        """The addresses that an ARN stands for."""
        return self._by_name.get(value, set())

    def _fits(self, path: str, address: str) -> bool:
        """`role` names a role, not the function of the same name."""
        hints = {
            "rule": "event_rule",
            "role": "iam_role",
            "role_arn": "iam_role",
            "function_name": "lambda_function",
            "bucket": "s3_bucket",
            "queue_url": "sqs_queue",
            "event_bus_name": "event_bus",
            "log_group_name": "log_group",
        }
        last = path.rpartition(".")[2]
        kind = self._types[address]
        if last in hints:
            return kind.endswith(hints[last])
        return kind in _KINDS or kind in ("aws_iam_role", "aws_kms_key", "aws_kms_alias", "aws_security_group")


def _bare(value: str) -> str:
    """A function's ARN inside an integration's URI, without version or alias."""
    if "/functions/" in value:
        value = value.partition("/functions/")[2].partition("/invocations")[0]
    if value.startswith("arn:") and ":function:" in value:
        return ":".join(value.split(":")[:7])
    return value


def _redrive(
    fact: _Facts,
    address: str,
    known: _Names,
    labels: Mapping[str, str],
    edges: dict[str, dict[str, set[str]]],
) -> None:
    """A queue passes on to its dead-letter queue."""
    for text in fact.values("redrive_policy"):
        try:
            policy: Json = json.loads(text)
        except ValueError:
            continue
        target = policy.get("deadLetterTargetArn") if isinstance(policy, dict) else None
        for node in known.named(target) if isinstance(target, str) else ():
            source = address if address in labels else next(iter(known.resolved(fact, "queue_url", address)), None)
            if source is not None and source != node and node in labels:
                edges.setdefault(source, {}).setdefault(node, set()).add(address)
