"""Every route of the REST API; importing the modules declares them."""

from __future__ import annotations

from reconciler.sandbox import github_check_routes, github_git_routes, github_issue_routes, github_pull_routes
from reconciler.sandbox.github_call import REPO, Answer, Call, find, route, routes
from reconciler.sandbox.github_state import now

__all__ = ["find", "github_check_routes", "github_git_routes", "github_issue_routes", "github_pull_routes", "routes"]


@route("GET", "/user")
def _me(call: Call) -> Answer:
    return Answer(200, call.views.account(call.user, now()))


@route("GET", "/rate_limit")
def _rate_limit(_: Call) -> Answer:
    rate = {"limit": 5000, "remaining": 4999, "reset": 2_000_000_000, "used": 1}
    return Answer(200, {"resources": {"core": rate, "search": rate}, "rate": rate})


@route("GET", REPO)
def _repo(call: Call) -> Answer:
    return Answer(200, call.views.repo(call.repo))
