"""What Terraform refuses of a declaration before anything is evaluated, whatever the values are."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Final

from reconciler import schema
from reconciler.hcl import syntax
from reconciler.hcl.access import AccessError
from reconciler.hcl.constants import flag, text
from reconciler.hcl.content import Content, Part, Problems, Term, content_of, items_of, span_of, traversal, unquoted
from reconciler.hcl.module import Mode, Rule, schema_of
from reconciler.hcl.references import Reference, reference_at, references, traversal_at
from reconciler.hcl.static import Refused, follow
from reconciler.model import Span

_RESERVED: Final = frozenset(
    {"source", "version", "providers", "count", "for_each", "lifecycle", "depends_on", "locals"}
)
"""Names that no variable may have: they mean something else in a call of its module."""
_LIFECYCLE: Final = {
    "resource": frozenset({"create_before_destroy", "prevent_destroy", "ignore_changes", "replace_triggered_by"}),
    "data": frozenset[str](),
    "ephemeral": frozenset[str](),
}
_NAME: Final = re.compile(r"[^\W\d][\w-]*\Z")
_NOT_IN_PROVIDERS: Final = frozenset({"count", "for_each", "depends_on", "source"})
_FLAGS: Final = ("create_before_destroy", "prevent_destroy")


def name(text: str, header: Span, problems: Problems) -> None:
    """What something may be called that is referred to."""
    if not _NAME.match(text):
        what = f'"{text}" is no name: a letter or underscore, and then letters, digits, underscores and dashes.'
        problems.error(what, header)


def variable_name(text: str, header: Span, problems: Problems) -> None:
    """What a variable may be called."""
    if text in _RESERVED or not _NAME.match(text):
        problems.error(f'No variable may have the name "{text}".', header)


def provider(content: Content, problems: Problems) -> None:
    """What a block `provider` may not hold, whoever's provider it is, and its alias."""
    for name in _NOT_IN_PROVIDERS & content.arguments.keys():
        term = content.arguments[name]
        problems.error(f'The argument "{name}" is reserved in a provider.', span_of(term.file, term.at))
    for part in content.blocks:
        if part.block.type in ("lifecycle", "locals"):
            problems.error(f'Blocks of type "{part.block.type}" are reserved in a provider.', part.header)
    alias = text(content, "alias", problems)
    if alias is not None and not _NAME.match(alias):
        problems.error(f'"{alias}" is no name for a configuration of a provider.', content.arguments["alias"].span)


def rules(parts: Iterable[Part], problems: Problems, variable: str | None = None) -> Iterator[Rule]:
    """Conditions with what to say where they do not hold. Those of a variable must look at it."""
    for part in parts:
        content = content_of(part.file, part.block.body, problems)
        what = f'a block "{part.block.type}"'
        arguments(content, frozenset({"condition", "error_message"}), what, problems)
        blocks(content, (), what, problems)
        unlabelled(part, problems)
        condition, message = content.arguments.get("condition"), content.arguments.get("error_message")
        for name in (name for name in ("condition", "error_message") if name not in content.arguments):
            problems.error(f'A block "{part.block.type}" needs the argument "{name}".', part.header)
        if condition is None:
            continue
        yield Rule(condition, message, part.span)
        found = references(condition.node)
        if variable is not None and Reference("var", (variable,)) not in found:
            problems.error(f"This condition does not look at var.{variable}, so it tests no value.", condition.span)
        elif not found:
            problems.error("This condition refers to nothing, so it tests nothing.", condition.span)


def depends_on(term: Term, problems: Problems) -> None:
    """A list of resources and modules that is written out, without attributes of theirs."""
    items = items_of(term.node)
    if items is None:
        problems.error("depends_on must be a list of resources and modules that is written out.", term.span)
        return
    for item in items:
        steps = traversal(item)
        if steps is None:
            problems.error(
                "depends_on takes names of resources and modules, nothing computed.", span_of(term.file, item.at)
            )
        elif _attribute_of(item) is not None:
            what = f"depends_on waits for a whole resource, not for its attribute {_attribute_of(item)}."
            problems.error(what, span_of(term.file, item.at))


def _attribute_of(item: syntax.Expression) -> str | None:
    """The attribute of a resource that `item` names; None where it names the resource."""
    if isinstance(item, syntax.Attribute) and reference_at(item) is None:
        inner: syntax.Expression = item.source
        while isinstance(inner, syntax.Index):
            inner = inner.source
        found = reference_at(inner)
        return item.name if found is not None and found.kind in ("resource", "data") else None
    return None


def lifecycle(content: Content, mode: Mode, type_name: str, problems: Problems) -> None:
    """The arguments of a lifecycle block."""
    for name, term in content.arguments.items():
        if name not in _LIFECYCLE[mode]:
            what = f'An argument named "{name}" is not expected in the lifecycle of a {mode}.'
            problems.error(what, span_of(term.file, term.at))
    for name in _FLAGS:
        flag(content, name, problems)
    triggers = content.arguments.get("replace_triggered_by")
    if triggers is not None:
        _triggers(triggers, problems)
    term = content.arguments.get("ignore_changes")
    known = schema_of(mode, type_name) if term is not None else None
    if term is None or known is None:
        return
    for item in items_of(term.node) or ():
        steps = traversal(item)
        if steps is None:
            problems.error("ignore_changes takes names of attributes, nothing computed.", span_of(term.file, item.at))
        elif steps == ("*",):
            problems.error('"*" is not allowed here: write `ignore_changes = all`.', span_of(term.file, item.at))
        elif steps[0] not in known.attributes and steps[0] not in known.blocks:
            problems.error(f'{type_name} has no attribute or block "{steps[0]}".', span_of(term.file, item.at))
        else:
            _ignored(item, term.file, known, problems)


def _ignored(item: syntax.Expression, file: str, known: schema.Block, problems: Problems) -> None:
    """The path of an attribute that the schema has."""
    found = traversal_at(unquoted(item))
    try:
        follow(known, (found.root, *found.steps) if found is not None else ())
    except (Refused, AccessError) as error:
        problems.error(error.what if isinstance(error, AccessError) else str(error), span_of(file, item.at))


def _triggers(term: Term, problems: Problems) -> None:
    items = items_of(term.node)
    if items is None:
        problems.error("replace_triggered_by must be a list that is written out.", term.span)
        return
    for item in items:
        if not any(found.kind == "resource" for found in references(item)) or not _plain(item):
            problems.error("replace_triggered_by takes resources and their attributes.", span_of(term.file, item.at))


def _plain(node: syntax.Expression) -> bool:
    """A reference whose keys are literal, or those of the instance."""
    while isinstance(node, syntax.Attribute | syntax.Index):
        if isinstance(node, syntax.Index) and not isinstance(node.key, syntax.Literal):
            found = traversal_at(node.key)
            if found is None or found.root not in ("each", "count"):
                return False
        node = node.source
    return isinstance(node, syntax.Name)


def actions(content: Content, mode: Mode, problems: Problems) -> None:
    """Blocks that every resource may have: provisioners, and how they connect; other modes have none of them."""
    for name in ("lifecycle", "connection", "provisioner"):
        term = content.arguments.get(name)
        if term is not None:
            what = f'An argument named "{name}" is not expected here: it is a block.'
            problems.error(what, span_of(term.file, term.at))
    if mode == "resource":
        repeated(content.of("connection"), problems)
        return
    for part in (*content.of("provisioner"), *content.of("connection")):
        problems.error(f'Blocks of type "{part.block.type}" are not expected here.', part.header)


def checked_data(content: Content, problems: Problems) -> None:
    """What the data source of a check may not have."""
    for name in ("count", "for_each"):
        term = content.arguments.get(name)
        if term is not None:
            problems.error(f'"{name}" is not supported in the data source of a check.', span_of(term.file, term.at))
    for part in content.of("lifecycle"):
        problems.error("The data source of a check has no lifecycle.", part.header)


def check(content: Content, header: Span, problems: Problems) -> None:
    """A `check` block has assertions, and at most one data source."""
    if not content.of("assert"):
        problems.error('A block "check" needs at least one block "assert".', header)
    for part in content.of("data")[1:]:
        problems.error('A block "check" can have one block "data" only.', part.header)


def arguments(content: Content, allowed: frozenset[str], what: str, problems: Problems) -> None:
    """No other arguments than those."""
    for name, term in content.arguments.items():
        if name not in allowed:
            problems.error(f'An argument named "{name}" is not expected in {what}.', span_of(term.file, term.at))


def unlabelled(part: Part, problems: Problems) -> None:
    """A block that takes no labels."""
    if part.block.labels:
        problems.error(f'A block "{part.block.type}" takes no labels.', part.header)


def blocks(content: Content, allowed: Iterable[str], what: str, problems: Problems) -> None:
    """No other blocks than those."""
    names = frozenset(allowed)
    for part in content.blocks:
        if part.block.type not in names:
            problems.error(f'Blocks of type "{part.block.type}" are not expected in {what}.', part.header)


def repeated(parts: Sequence[Part], problems: Problems) -> None:
    """A block that can be there only once."""
    for part in parts[1:]:
        problems.error(f'A second block "{part.block.type}". The first is at {parts[0].span}.', part.header)
