"""Any JSON at all, and records that look like Wrike's but hold anything anywhere."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

from wrike_provider.entities import Entity

_PLAIN = (
    st.none()
    | st.booleans()
    | st.integers(-(2**63), 2**64 - 1)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=8)
    | st.sampled_from(["2026-06-01", "2026-06-01T00:00:00Z", "2026-06-01T09:00:00", "5", "1.5", "true", "nan"])
)
ANY_JSON = st.recursive(
    _PLAIN, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3)
)


def _object(paths: list[str], value: st.SearchStrategy[Any]) -> st.SearchStrategy[dict[str, Any]]:
    """Objects that have some of some paths, and sometimes other keys."""
    names = sorted({path.split(".")[0] for path in paths})
    inner = {name: [path.partition(".")[2] for path in paths if path.startswith(f"{name}.")] for name in names}
    known = st.fixed_dictionaries(
        {}, optional={name: value | _object(inner[name], value) if inner[name] else value for name in names}
    )
    unknown = st.dictionaries(st.sampled_from(["new", "other", "x.y"]), value, max_size=1)
    return st.tuples(known, unknown).map(lambda both: {**both[0], **both[1]})


def records(declared: Entity, value: st.SearchStrategy[Any]) -> st.SearchStrategy[dict[str, Any]]:
    """Records that look like an entity's, with the id KEY, but hold any of some values anywhere."""
    paths = [column.path for column in declared.columns[1:]]
    arrays = {
        child.path: st.lists(value if child.scalar else _object([c.path for c in child.columns], value), max_size=3)
        for child in declared.children
    }
    base = _object([*paths, *arrays], value)
    lists = st.fixed_dictionaries({}, optional={path: array for path, array in arrays.items() if "." not in path})
    return st.tuples(base, lists).map(lambda both: {**both[0], **both[1], declared.key.path: "KEY"})
