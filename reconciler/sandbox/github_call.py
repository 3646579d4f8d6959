"""A request to the double's REST API, its answer, and how routes are declared."""

from __future__ import annotations

import base64
import re
from collections.abc import Callable, Mapping, Sequence
from typing import Final, TypeVar, cast
from urllib.parse import urlencode

from reconciler.records import dataclass
from reconciler.sandbox.github_state import (
    Issue,
    Refused,
    Repo,
    State,
    User,
    invalid,
    not_found,
)
from reconciler.sandbox.github_views import View, Views

BODY_LIMIT: Final = 65_536
TITLE_LIMIT: Final = 256
REPO: Final = "/repos/{owner}/{repo}"
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Answer:
    """`body` None: an empty answer."""

    status: int
    body: object = None
    headers: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Call:
    """A request whose token is known. `params` come from the path, `url` is the whole address without the query."""

    state: State
    views: Views
    user: User
    url: str
    params: Mapping[str, str]
    query: Mapping[str, str]
    body: object

    @property
    def repo(self) -> Repo:
        return self.state.repo(self.params["owner"], self.params["repo"])

    @property
    def issue(self) -> Issue:
        issue = self.repo.issues.get(int(self.params["number"]))
        if issue is None:
            raise not_found()
        return issue

    @property
    def fields(self) -> Mapping[str, object]:
        given = self.body
        if not isinstance(given, dict):
            raise Refused(400, "Problems parsing JSON")
        return cast("dict[str, object]", given)

    def text(self, resource: str, name: str, most: int | None = None) -> str | None:
        """A string field, None where it is absent or null. Raises Refused for another type or a length over `most`."""
        value = self.fields.get(name)
        if value is None:
            return None
        if not isinstance(value, str):
            raise Refused(422, f"Invalid request.\n\nFor 'properties/{name}', {value!r} is not a string.")
        if most is not None and len(value) > most:
            raise invalid(resource, name, "custom", f"{name} is too long (maximum is {most} characters)")
        return value

    def required(self, resource: str, name: str, most: int | None = None) -> str:
        value = self.text(resource, name, most)
        if not value or not value.strip():
            raise invalid(resource, name, "missing_field")
        return value

    def choice(self, resource: str, name: str, choices: Sequence[str], default: str | None = None) -> str | None:
        value = self.text(resource, name)
        if value is None:
            return default
        if value not in choices:
            raise invalid(resource, name)
        return value

    def strings(self, name: str) -> list[str] | None:
        value = self.fields.get(name)
        if value is None:
            return None
        if not isinstance(value, list) or not all(isinstance(v, str) for v in cast("list[object]", value)):
            raise Refused(422, f"Invalid request.\n\nFor 'properties/{name}', {value!r} is not an array of strings.")
        return cast("list[str]", value)

    def flag(self, name: str) -> bool:
        return self.fields.get(name) is True

    def paged(self, items: Sequence[T], show: Callable[[T], View]) -> Answer:
        """One page of `items`, with the Link header to the others."""
        shown, headers = self.page(items)
        return Answer(200, [show(item) for item in shown], headers)

    def page(self, items: Sequence[T]) -> tuple[Sequence[T], tuple[tuple[str, str], ...]]:
        size = min(_number(self.query.get("per_page"), 30), 100)
        page = _number(self.query.get("page"), 1)
        last = max(1, -(-len(items) // size))
        links = {"prev": page - 1, "next": page + 1, "last": last, "first": 1}
        wanted = [
            name
            for name in links
            if (name in ("next", "last") and page < last) or (name in ("prev", "first") and page > 1)
        ]
        header = ", ".join(f'<{self._at(links[name])}>; rel="{name}"' for name in wanted)
        return items[(page - 1) * size : page * size], (("Link", header),) if header else ()

    def _at(self, page: int) -> str:
        return f"{self.url}?{urlencode({**self.query, 'page': str(page)})}"


def _number(text: str | None, default: int) -> int:
    return int(text) if text and text.isdigit() and int(text) > 0 else default


Handler = Callable[[Call], Answer]
_ROUTES: Final[list[tuple[str, re.Pattern[str], Handler]]] = []


def route(method: str, path: str) -> Callable[[Handler], Handler]:
    """{name} is one step of the path; {name+} takes slashes too, and {name*} may be empty as well."""
    pattern = re.sub(r"\{(\w+)\\\+\}", r"(?P<\1>.+)", re.escape(path).replace(r"\{", "{").replace(r"\}", "}"))
    pattern = re.sub(r"\{(\w+)\\\*\}", r"(?P<\1>.*)", pattern)
    pattern = re.sub(r"\{(number|id)\}", r"(?P<\1>\\d+)", pattern)
    pattern = re.sub(r"\{(\w+)\}", r"(?P<\1>[^/]+)", pattern)

    def add(handler: Handler) -> Handler:
        _ROUTES.append((method, re.compile(pattern), handler))
        return handler

    return add


def decoded(header: str) -> str:
    """The token of an Authorization header: Bearer, token, or Basic with the token as password; "" without one."""
    scheme, _, value = header.strip().partition(" ")
    match scheme.lower():
        case "bearer" | "token":
            return value.strip()
        case "basic":
            try:
                return base64.b64decode(value, validate=True).decode().partition(":")[2]
            except ValueError:
                return ""
        case _:
            return ""


def routes() -> Sequence[tuple[str, re.Pattern[str], Handler]]:
    """Every route: method, pattern of its path, handler."""
    return tuple(_ROUTES)


def find(method: str, path: str) -> tuple[Handler, dict[str, str]]:
    """The handler of a request and the parameters of its path. Raises Refused where there is none."""
    for wanted, pattern, handler in _ROUTES:
        match = pattern.fullmatch(path) if wanted == method else None
        if match:
            return handler, match.groupdict()
    raise not_found()
