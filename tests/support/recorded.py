"""AWS's answers as files: recorded from a real endpoint, replayed without one."""

from __future__ import annotations

import json
from collections.abc import Mapping
from concurrent.futures import Future
from pathlib import Path
from typing import Any

from reconciler.aws.caller import Caller, Pages
from reconciler.aws.failure import CallFailed, Kind
from reconciler.resources.spec import Scope

_ANYWHERE = "http://127.0.0.1:5000"


class Recorder:
    """Asks another caller and keeps what it answers."""

    def __init__(self, caller: Caller) -> None:
        self._caller = caller
        self._calls: dict[str, dict[str, Any]] = {}

    def call(self, operation: str, params: Mapping[str, Any], page: int | None = None) -> Future[Pages]:
        future = self._caller.call(operation, params, page)
        kept: dict[str, Any] = {"operation": operation, "parameters": dict(params)}
        try:
            kept["pages"] = future.result()
        except CallFailed as failure:
            kept["error"] = failure.code
        self._calls[_key(operation, params)] = kept
        return future

    def save(self, path: Path, scope: Scope, wanted: list[Any], endpoint: str) -> None:
        """The endpoint's address is replaced, so that recording again changes nothing by itself."""
        calls = [call for _, call in sorted(self._calls.items())]
        where = {"region": scope.region, "account": scope.account, "partition": scope.partition}
        text = json.dumps({"scope": where, "wanted": wanted, "calls": calls}, indent=1, sort_keys=True, default=str)
        path.write_text(text.replace(endpoint, _ANYWHERE) + "\n")


class Replay:
    """Answers from a file; a call that is not in it is an error of the test."""

    def __init__(self, path: Path) -> None:
        found = json.loads(path.read_text())
        self.scope = Scope(**found["scope"])
        self.wanted: list[dict[str, Any]] = found["wanted"]
        self.asked: list[str] = []
        self._calls = {_key(call["operation"], call["parameters"]): call for call in found["calls"]}
        self._path = path

    def calls(self) -> list[dict[str, Any]]:
        """What was answered, to be changed; without what was refused."""
        return [call for call in self._calls.values() if "pages" in call]

    def call(self, operation: str, params: Mapping[str, Any], page: int | None = None) -> Future[Pages]:
        self.asked.append(operation)
        answer: Future[Pages] = Future()
        found = self._calls.get(_key(operation, params))
        if found is None:
            raise AssertionError(f"{self._path} lacks {operation} {dict(params)}: record it again")
        if "error" in found:
            answer.set_exception(CallFailed(operation, Kind.REFUSED, found["error"], "recorded"))
        else:
            answer.set_result(found["pages"])
        return answer


def _key(operation: str, params: Mapping[str, Any]) -> str:
    return f"{operation} {json.dumps(params, sort_keys=True, default=str)}"
