"""Who changed what and when; trailers; notes."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reconciler.repo import Person, Repository, parse_trailers, with_trailers
from tests.support.github import Hosted, git, new_repository, write

PLAN = "baselines/s/remediations/1.yaml"


def test_a_plan_is_traced_to_its_merge(estate: Hosted) -> None:
    repository = estate.repository
    made = estate.branch("reconcile/revert/s/1", {PLAN: b"plan"}, with_trailers("Revert", {"Reconcile-Id": "1"}))
    pull = estate.forge.open("reconcile/revert/s/1", "main", "Revert", "", ())
    estate.push_as("ann", "main", {"other.tf": "b = 2\n"})
    merge = estate.hub.merge("acme", "estate", pull.number)
    estate.push_as("ann", "main", {PLAN: "edited"})
    repository.fetch()
    main = "refs/remotes/origin/main"
    assert repository.files(main, "baselines") == (PLAN,)
    assert repository.files(main, "baselines/s/remediations/") == (PLAN,)
    assert repository.files(main, "base") == ()
    on_main, on_branch = repository.added(PLAN, main), repository.added(PLAN, main, mainline=False)
    assert on_main is not None
    assert on_branch is not None
    assert (on_main.id, on_branch.id) == (merge, made)
    assert on_branch.trailers == {"Reconcile-Id": ("1",)}
    assert (on_main.author.name, on_main.committer.name) == ("reviewer", "GitHub")
    last = repository.last_change(PLAN, main)
    assert last is not None
    assert last.author == Person("Dev", "dev@example.com")
    assert repository.changed("HEAD", main) == (PLAN, "other.tf")
    assert repository.changed("HEAD", main, "baselines") == (PLAN,)
    assert repository.is_ancestor(made, main)
    assert not repository.is_ancestor(main, made)
    assert repository.merge_base(main, made) == made
    assert repository.added("absent", main) is None
    assert repository.last_change("absent", main) is None
    assert [commit.subject for commit in repository.log(main, PLAN)] == ["by ann", "Revert"]
    assert [commit.id for commit in repository.log(main, limit=1)] == [last.id]


def test_a_plan_that_came_back(tmp_path: Path) -> None:
    work = new_repository(tmp_path / "work", {"p.yaml": "1"})
    git(work, "rm", "--quiet", "p.yaml")
    git(work, "commit", "--quiet", "--message=removed")
    write(work, {"p.yaml": "2"})
    git(work, "add", "--all")
    git(work, "commit", "--quiet", "--message=again")
    with Repository.open(work) as repository:
        found = repository.added("p.yaml")
        assert found is not None
        assert (found.subject, found.id) == ("again", repository.head())


def test_unrelated_histories(tmp_path: Path) -> None:
    work = new_repository(tmp_path / "work", {"a": "1"})
    git(work, "checkout", "--quiet", "--orphan", "other")
    git(work, "commit", "--quiet", "--message=other")
    with Repository.open(work) as repository:
        assert repository.merge_base("main", "other") is None


# -- trailers -------------------------------------------------------------------------------------------------


def test_trailers_are_gits(tmp_path: Path) -> None:
    message = with_trailers(
        "Adopt a\n\nBecause: it is live.\n", {"Reconcile-Id": "x 1\n2", "Baseline-Digest": "sha256:a"}
    )
    assert message == "Adopt a\n\nBecause: it is live.\nReconcile-Id: x 1 2\nBaseline-Digest: sha256:a\n"
    assert parse_trailers(message)["Baseline-Digest"] == ("sha256:a",)
    (tmp_path / "message").write_text(message)
    told = git(tmp_path, "interpret-trailers", "--parse", "message")
    assert told == "Because: it is live.\nReconcile-Id: x 1 2\nBaseline-Digest: sha256:a"


@pytest.mark.parametrize(
    ("message", "trailers"),
    [
        ("Subject: only", {}),
        ("s\n\nA: 1", {"A": ("1",)}),
        ("s\n\nA: 1\nA: 2\nB: 3\n\n", {"A": ("1", "2"), "B": ("3",)}),
        ("s\n\ntext\nA: 1", {}),
        ("s\n\nA: 1\n\nlast words", {}),
        ("", {}),
    ],
)
def test_trailers(message: str, trailers: dict[str, tuple[str, ...]]) -> None:
    assert parse_trailers(message) == trailers


@settings(deadline=None)
@given(st.text(alphabet=st.characters(codec="utf-8", exclude_characters="\0")), st.text())
def test_trailers_come_back(message: str, value: str) -> None:
    written = with_trailers(f"s\n\n{message}", {"Reconcile-Id": value})
    assert parse_trailers(written)["Reconcile-Id"][-1] == " ".join(value.split())


def test_a_trailers_key_is_checked() -> None:
    with pytest.raises(ValueError, match="not a trailer's key"):
        with_trailers("s", {"Reconcile Id": "1"})


# -- notes ----------------------------------------------------------------------------------------------------


def clone(estate: Hosted, name: str) -> Repository:
    address = estate.url.replace("://", f"://x:{estate.hub.token}@")
    git(estate.work.parent, "clone", "--quiet", address, name)
    return Repository.open(estate.work.parent / name, token=estate.hub.token)


def test_notes_reach_a_fresh_clone(estate: Hosted) -> None:
    head = estate.repository.head()
    assert estate.repository.notes.read(head) == ()
    estate.repository.notes.fetch()  # the remote has none yet
    estate.repository.notes.push()  # and neither have we
    estate.repository.notes.append("HEAD", '{"run": 1}')
    estate.repository.notes.append("HEAD", '{"run": 1}')
    estate.repository.notes.push()
    estate.repository.notes.push()
    with clone(estate, "fresh") as fresh:
        assert fresh.notes.read(head) == ()
        fresh.notes.fetch()
        assert fresh.notes.read(head) == ('{"run": 1}',)


def test_notes_of_two_at_once_are_merged(estate: Hosted) -> None:
    with clone(estate, "one") as one, clone(estate, "two") as two:
        head = one.head()
        one.notes.append(head, '{"by": "one"}')
        two.notes.append(head, '{"by": "two"}')
        one.notes.push()
        two.notes.push()
        one.notes.fetch()
        assert set(one.notes.read(head)) == set(two.notes.read(head)) == {'{"by": "one"}', '{"by": "two"}'}


def test_notes_of_many_at_once(estate: Hosted) -> None:
    clones = [clone(estate, f"c{number}") for number in range(4)]
    head = clones[0].head()

    def record(number: int) -> None:
        for turn in range(2):
            clones[number].notes.append(head, f'{{"by": {number}, "turn": {turn}}}')
            clones[number].notes.push()

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(record, range(4)))
    estate.repository.notes.fetch()
    assert len(estate.repository.notes.read(head)) == 8
    for repository in clones:
        repository.close()


@pytest.mark.parametrize("record", ["", "  ", "a\nb"])
def test_a_record_is_a_line(estate: Hosted, record: str) -> None:
    with pytest.raises(ValueError, match="one line"):
        estate.repository.notes.append("HEAD", record)
