"""Pull requests: title, labels and body of one cause, and the marker that finds it again.

The body is written for who has to decide. It stays under GitHub's limit by leaving out details, never the marker; what
comes from the cloud is neutralised (see `markdown`).
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Sequence
from typing import Final, Literal, TypeAlias

from reconciler.model import Finding, Severity, format_path
from reconciler.records import dataclass
from reconciler.report import documents
from reconciler.report.markdown import block, changes_table, code, plain
from reconciler.report.text import as_json
from reconciler.reverting import RevertPlan

Kind: TypeAlias = Literal["adopt", "revert"]

LIMIT: Final = 58_000  # characters; GitHub takes 65,536
_MARKER: Final = re.compile(r"<!-- reconcile:v1:(\{[^\n]*?\}) -->")


@dataclass(frozen=True, slots=True)
class Marker:
    """What a pull request is about, as its body's last line says it. Never trusted by itself: anybody can write it."""

    kind: Kind
    stack: str
    id: str
    fingerprint: str

    def __str__(self) -> str:
        fields = {"fingerprint": self.fingerprint, "id": self.id, "kind": self.kind, "stack": self.stack}
        text = (
            json.dumps(fields, sort_keys=True, separators=(",", ":")).replace("--", "-\\u002d").replace(">", "\\u003e")
        )
        return f"<!-- reconcile:v1:{text} -->"

    @classmethod
    def find(cls, body: str) -> Marker | None:
        """The last marker in `body`; None where there is none that can be read."""
        found = _MARKER.findall(body)
        try:
            match json.loads(found[-1]) if found else None:
                case {
                    "kind": "adopt" | "revert" as kind,
                    "stack": str(stack),
                    "id": str(id_),
                    "fingerprint": str(print_),
                }:
                    return cls(kind, stack, id_, print_)
                case _:
                    return None
        except ValueError:
            return None


@dataclass(frozen=True, slots=True)
class Proposal:
    """One pull request. `diff` (adopt) or `plan` (revert) is what merging it does; `other` says why not the other way.

    `history` tells who changed it and when, where that is known.
    """

    kind: Kind
    stack: str
    id: str
    fingerprint: str
    subject: str  # Cause.title
    severity: Severity
    findings: Sequence[Finding]
    diff: str = ""
    plan: RevertPlan | None = None
    source_url: str = ""  # of the file at the commit, "{file}" and "{line}" filled in; "" for none
    other: str = ""
    history: Sequence[str] = ()

    @property
    def branch(self) -> str:
        return f"reconcile/{self.kind}/{_branch_part(self.stack)}/{self.id}"

    @property
    def title(self) -> str:
        verb = "Adopt" if self.kind == "adopt" else "Revert"
        text = " ".join(f"{verb} drift: {self.subject}".split())
        return text if len(text) <= 120 else text[:119] + "…"

    @property
    def labels(self) -> tuple[str, ...]:
        return ("drift", self.kind, f"severity:{self.severity}")

    @property
    def marker(self) -> Marker:
        return Marker(self.kind, self.stack, self.id, self.fingerprint)


def _branch_part(stack: str) -> str:
    """What git takes in a branch name."""
    text = re.sub(r"[^\w./-]+|\.\.+|@\{|//+|\.lock\b", "-", stack, flags=re.ASCII).strip("/.-")
    return text or "stack"


def body(proposal: Proposal, limit: int = LIMIT) -> str:
    """The whole body, the marker last, within `limit` characters."""
    marker = str(proposal.marker)
    parts = list(_parts(proposal))
    room = limit - len(marker) - 2
    text = "\n\n".join(parts)
    if len(text) > room:
        note = "_Shortened: the files of this pull request have everything._"
        kept: list[str] = []
        for part in parts:
            if len("\n\n".join([*kept, part, note])) <= room:
                kept.append(part)
        text = "\n\n".join([*kept, note])
    return f"{text[:room]}\n\n{marker}"


def _parts(proposal: Proposal) -> Iterable[str]:
    first = "is not what the code says" if proposal.kind == "revert" else "has something that the code does not say"
    yield f"Live {first}: {code(proposal.subject)}. Severity **{proposal.severity}**, stack {code(proposal.stack)}."
    yield f"**How to decide.** {_decision(proposal)}"
    for finding in proposal.findings:
        yield _finding(proposal, finding)
    if proposal.history:
        yield "### Who changed it\n\n" + "\n".join(f"- {plain(line)}" for line in proposal.history)
    if proposal.kind == "adopt" and proposal.diff:
        yield "### What merging does: the code becomes\n\n" + block(proposal.diff, "diff")
    if proposal.plan is not None:
        yield "### What merging does: these operations run\n\n" + block("\n".join(_operations(proposal.plan)))
        yield "<details><summary>The operations that undo it</summary>\n\n" + (
            block("\n".join(_inverse(proposal.plan))) + "\n\n</details>"
        )


def _decision(proposal: Proposal) -> str:
    why = f" {plain(proposal.other)}" if proposal.other else ""
    if proposal.kind == "adopt":
        return (
            "Merge this if the change was meant: the code will say what is live, and nothing in the cloud is touched "
            "(the edited code was evaluated again: exactly this changes). Close it if live should go back to what "
            f"the code says.{why}"
        )
    expires = f" It can run until {proposal.plan.expires}." if proposal.plan else ""
    return (
        "Merge this if the change was not meant: `reconcile apply` then carries out the operations below, if live "
        f"still is exactly what is shown here, and checks the result.{expires} Close it if live is right.{why}"
    )


def _finding(proposal: Proposal, finding: Finding) -> str:
    name = str(finding.address) if finding.address else f"{finding.type} {finding.id}"
    lines = [f"### {code(name)}", ""]
    if finding.source is not None:
        place = code(str(finding.source))
        url = proposal.source_url.replace("{file}", finding.source.file).replace("{line}", str(finding.source.line))
        lines.append(f"{finding.status}, defined at {f'[{place}]({url})' if url else place}")
    else:
        lines.append(finding.status)
    if finding.reason:
        lines += ["", plain(finding.reason)]
    if finding.changes:
        lines += ["", changes_table(finding.changes)]
        for change in finding.changes:
            found = documents.diff(change.code, change.live)
            if found:
                lines += ["", f"{code(format_path(change.path))}, from the code to live:", "", block(found, "diff")]
    if finding.channels:
        lines += ["", *(f"- channel {code(channel)}" for channel in finding.channels)]
    if finding.unchecked:
        lines += ["", f"Not compared: {', '.join(map(code, finding.unchecked))}"]
    return "\n".join(lines)


def _operations(plan: RevertPlan) -> Iterable[str]:
    for item in plan.items:
        yield f"# {item.address or item.id} in account {item.account}, {item.region}"
        for change in item.changes:
            yield f"#   {format_path(change.path)}: {as_json(change.before)} -> {as_json(change.after)}"
        for operation in item.operations:
            yield f"{operation} {as_json(dict(operation.parameters))}"


def _inverse(plan: RevertPlan) -> Iterable[str]:
    for item in plan.items:
        for operation in item.inverse:
            yield f"{operation} {as_json(dict(operation.parameters))}"
