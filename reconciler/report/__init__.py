"""Reports: one scan, six formats, and the text of pull requests."""

from __future__ import annotations

from typing import Final, Literal, TypeAlias, assert_never, get_args

from reconciler.report.scan import FailOn, Scan, StackScan, parse, to_json

Format: TypeAlias = Literal["text", "json", "markdown", "sarif", "junit", "html"]
FORMATS: Final[tuple[Format, ...]] = get_args(Format)

__all__ = ["FORMATS", "FailOn", "Format", "Scan", "StackScan", "parse", "render", "to_json"]


def render(scan: Scan, form: Format, *, colour: bool = False) -> str:
    """The scan in one format; `colour` only matters to text."""
    from reconciler.report import html, junit, markdown, sarif, text
    from reconciler.report import scan as json_

    match form:
        case "text":
            return text.render(scan, colour=colour)
        case "json":
            return json_.render(scan)
        case "markdown":
            return markdown.render(scan)
        case "sarif":
            return sarif.render(scan)
        case "junit":
            return junit.render(scan)
        case "html":
            return html.render(scan)
        case _:
            assert_never(form)
