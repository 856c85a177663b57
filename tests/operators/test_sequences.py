"""Whatever people do in Wrike, and whenever it is synced in between, staging ends up as Wrike is."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from include.sandbox.client import SandboxClient, running_sandbox
from tests.operators.harness import Harness
from wrike_provider.operators.results import Outcome

SEQUENCES = 200
LONGEST = 4
"""Steps of a sequence at the most; after those with so many our own comparison is asked too."""
FAMILIES = (
    ("folders",),
    ("tasks",),
    ("tasks", "dependencies"),
    ("comments",),
    ("attachments",),
    ("timelogs",),
    ("approvals",),
    ("custom_fields",),
    ("contacts", "users"),
)
"""Entities that are synced together."""
WORDS = st.text(alphabet="aé😀'\"%\\ ", max_size=5)
HIDDEN = {"erase", "remove", "trash"}
"""What leaves no trace, if only of what belonged to the record."""
SYNC = ("sync", "", 0, "")
CHANGES = {
    "folders": ("create", "update", "trash", "restore", "erase"),
    "tasks": ("create", "update", "trash", "restore", "erase"),
    "comments": ("create", "update", "remove"),
    "attachments": ("create", "remove"),
    "timelogs": ("create", "update", "remove"),
    "approvals": ("create", "update", "remove"),
    "dependencies": ("remove",),
    "custom_fields": ("create", "update", "remove"),
    "contacts": ("create", "update"),
    "users": (),
}
TEXTS = {"comments": "text", "timelogs": "comment", "approvals": "description", "contacts": "title"}
Step = tuple[str, str, int, str]


def steps(family: tuple[str, ...]) -> st.SearchStrategy[list[Step]]:
    """Draw what is done: action, entity, which record, a text; now and then a sync."""
    changes = st.one_of(
        st.tuples(st.sampled_from(CHANGES[name]), st.just(name), st.integers(0, 1000), WORDS)
        for name in family
        if CHANGES[name]
    )
    return st.lists(st.one_of(changes, changes, changes, changes, st.just(SYNC)), min_size=1, max_size=LONGEST)


SEQUENCE = st.sampled_from(FAMILIES).flatmap(lambda family: st.tuples(st.just(family), steps(family)))


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Harness]:
    """One account, and one staging database, for all sequences: each goes on where the last one ended."""
    with (
        pytest.MonkeyPatch.context() as patch,
        running_sandbox("--accounts", "1", "--tasks", "40", "--contacts", "12", "--rate-limit", "0") as wrike,
    ):
        patch.setattr("wrike_provider.api.limits.SPACING_MS", 1)
        yield Harness(wrike, tmp_path_factory.mktemp("sequences"), patch)


@pytest.fixture(scope="module")
def stale() -> set[str]:
    """Entities of which only a complete reading finds out what has become of them."""
    return set()


def do(wrike: SandboxClient, action: str, name: str, number: int, text: str) -> None:
    """Change something in Wrike, where there is something to change."""
    collection = name.replace("_", "")
    if action == "create":
        if not wrike.records("aurora", collection):
            # A new one is made after the last one there is.
            return
        more: dict[str, Any] = {"type": "Person", "deleted": False} if name == "contacts" else {}
        wrike.mutate("aurora", "create", collection=collection, **{TEXTS.get(name, "title"): text}, **more)
        return
    trashed = action == "restore" or (action == "erase" and number % 2 == 0)
    there = wrike.records("aurora", collection, trashed=trashed)
    if name == "folders":
        # A space is not thrown away like that.
        there = [folder for folder in there if not folder.get("space")]
    if name == "contacts":
        # Only who comes back changes of those that were removed.
        back = action == "update" and number % 3 == 0
        there = [one for one in there if one["type"] == "Person" and not one.get("me") and (back or not one["deleted"])]
    if not there:
        return
    chosen = there[number % len(there)]
    values: dict[str, Any] = {}
    if action == "update":
        values = {TEXTS.get(name, "title"): text}
        if name == "contacts" and number % 3 == 0:
            values["deleted"] = not chosen["deleted"]
    wrike.mutate("aurora", action, collection=collection, id=chosen["id"], **values)


@settings(
    max_examples=SEQUENCES,
    deadline=None,
    derandomize=True,
    database=None,
    # Not smaller ones: each sequence begins where the one before has ended.
    phases=[Phase.generate],
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)
@given(sequence=SEQUENCE)
def test_after_any_sequence_staging_equals_wrike(
    world: Harness, stale: set[str], sequence: tuple[tuple[str, ...], list[Step]]
) -> None:
    family, done = sequence
    wrike = world.wrike
    count = len(wrike.records("aurora", "contacts"))
    for action, name, number, text in done:
        if action == "sync":
            world.run(*family, detail_requests=count)
        else:
            do(wrike, action, name, number, text)
    if any(action in HIDDEN or name == "comments" for action, name, _, _ in done):
        stale.update(CHANGES)
    world.run(*family, detail_requests=count, full_refresh=bool(stale & set(family)))
    stale.difference_update(family)
    assert world.unequal(*family) == []
    if len(done) == LONGEST:
        compared = world.run(*family, verify=True)
        assert {name: result.outcome for name, result in compared.items()} == dict.fromkeys(family, Outcome.SYNCED)
