"""What Authorise asks for."""

from __future__ import annotations

import pytest

from wrike_provider.auth.scopes import DEFAULT_SCOPE, EXPORT_SCOPE, asked_for


@pytest.mark.parametrize("named", ["", "wsReadOnly", "wsReadOnly,amReadOnlyUser"])
def test_the_data_export_is_asked_for_only_where_it_is_wanted(named: str) -> None:
    usual = named or DEFAULT_SCOPE
    assert asked_for(named, data_export=False) == usual
    assert asked_for(named, data_export=True) == f"{usual},{EXPORT_SCOPE}"


def test_no_scope_is_asked_for_twice() -> None:
    assert asked_for("dataExportFull, wsReadOnly", data_export=True) == "dataExportFull,wsReadOnly"


def test_the_usual_scopes_only_read_and_leave_the_export_out() -> None:
    assert not [scope for scope in DEFAULT_SCOPE.split(",") if "Write" in scope or scope == EXPORT_SCOPE]
