"""What has to be evaluated before what: an order in which every step follows the steps that it needs."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Iterator
from typing import TypeVar

Step = TypeVar("Step", bound=Hashable)


def ordered(
    roots: Iterable[Step], needs: Callable[[Step], Iterable[Step]], cycle: Callable[[list[Step]], None]
) -> Iterator[Step]:
    """Every step that `roots` lead to, each once, after those that it needs; the stack does not grow with the depth.

    `cycle` is told of each cycle, from the step that closes it back to itself, before any of its steps comes.
    """
    done: set[Step] = set()
    entered: dict[Step, None] = {}
    for root in roots:
        if root in done:
            continue
        entered[root] = None
        waiting = [(root, iter(needs(root)))]
        while waiting:
            step, rest = waiting[-1]
            following = next((s for s in rest if s not in done), None)
            if following is None:
                waiting.pop()
                del entered[step]
                done.add(step)
                yield step
            elif following in entered:
                path = list(entered)
                cycle(path[path.index(following) :])
            else:
                entered[following] = None
                waiting.append((following, iter(needs(following))))
