"""The second task of a team's DAG: whether the token works, and whom it belongs to."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from airflow.sdk import Asset, BaseOperator
from tabulate import tabulate

from wrike_provider.api.errors import (
    WrikeAuthorizationError,
    WrikeBlockedError,
    WrikeError,
    WrikeHostError,
    WrikeMethodNotFoundError,
)
from wrike_provider.api.records import Record
from wrike_provider.entities import Entity, entity
from wrike_provider.hooks.wrike import AuthorizedUser, WrikeHook
from wrike_provider.operators.errors import BadParamsError
from wrike_provider.operators.plan import Run
from wrike_provider.operators.reading import Reading

if TYPE_CHECKING:
    from airflow.sdk import Context

ACCOUNT_KEY = "account"
ERROR_KEY = "error"
USER_KEY = "authorized_user"
ACCOUNT_STATE = "account_id"
USER_STATE = "authorized_user"
USER_KNOWN_FOR = timedelta(days=1)
OUTCOMES_STATE = "outcomes"


class ConnectOperator(BaseOperator):
    """Finds the account and the authorised user.

    The account's record is handed on, so that it is not read twice. The user is asked for once a day and
    whenever the grant has changed.

    :param wrike_conn_id: the team's Connection.
    :param account: asset of the team's account; its state remembers which one it is, the user, and what is blocked.
    :param entities: the entities that the team takes.
    """

    ui_color = "#e8f7e4"

    def __init__(self, *, wrike_conn_id: str, account: Asset, entities: list[str], **kwargs: Any) -> None:
        super().__init__(inlets=[account], **kwargs)
        self.entities = entities
        self.wrike_conn_id = wrike_conn_id
        self.account = account

    def execute(self, context: Context) -> None:
        """Ask Wrike.

        :param context: context of the task.
        :raises WrikeError: the token does not work, or is for another account than before.
        :raises BadParamsError: the params of the run contradict each other.
        """
        hook = WrikeHook(self.wrike_conn_id)
        try:
            run = Run.from_context(context)
            account = self._account(hook)
            self._recognize(context, account, run)
            user = self._user(hook, context, account)
        except Exception as error:
            # The summary tells it. What others have written may hold anything, also what is secret.
            ours = isinstance(error, WrikeError | BadParamsError)
            message = self._placed(error) if ours else f"{type(error).__name__}: the log of this task tells more."
            told = {"class": type(error).__name__, "message": message}
            if isinstance(error, WrikeAuthorizationError):
                told["grant"] = _grant(hook)
            context["ti"].xcom_push(key=ERROR_KEY, value=told)
            raise
        self.log.info(
            "Connected to %s as %s.",
            f"the Wrike account {account.get('name')!r} ({account.get('id')})" if account else "Wrike",
            user,
        )
        known = context["asset_state_store"][self.account].get(OUTCOMES_STATE)
        declared = [entity(name) for name in self.entities]
        self.log.info(
            "What the entities need:\n%s", matrix(declared, hook.scopes, known if isinstance(known, dict) else {})
        )
        context["ti"].xcom_push(key=ACCOUNT_KEY, value=account)
        context["ti"].xcom_push(
            key=USER_KEY, value={"name": user.name, "admin": user.admin, "grant": hook.grant_identity}
        )

    def _placed(self, error: Exception) -> str:
        """An error with the Connection that it is about; what is found out with its tokens says it already."""
        said = str(error)
        named = isinstance(error, BadParamsError) or self.wrike_conn_id in said
        return said if named else f"Connection {self.wrike_conn_id}: {said}"

    def _account(self, hook: WrikeHook) -> Record | None:
        declared = entity("account")
        try:
            accounts = [record for page in Reading(hook, declared).whole() for record in page]
        except WrikeMethodNotFoundError:
            # Every Wrike has an account: this is not its API.
            raise
        except WrikeBlockedError as error:
            self.log.warning("The account itself cannot be read. %s", error)
            return None
        if not accounts:
            raise WrikeHostError("GET /account: there is no account in Wrike's answer. Check the Connection's host.")
        return accounts[0]

    def _recognize(self, context: Context, account: Record | None, run: Run) -> None:
        """See that it is the account as which the team was read before, unless everything is to be read anew."""
        if account is None:
            return
        state = context["asset_state_store"][self.account]
        before = state.get(ACCOUNT_STATE)
        if before == account.get("id"):
            return
        if before is not None and not run.full_refresh:
            raise WrikeAuthorizationError(
                f"The tokens are for the account {account.get('name')!r} ({account.get('id')}); what the team has in "
                f"staging is of the account {before}. Authorise in that one, or put its token into the Connection. If "
                "the team is to have the other account from now on, remove its schema in staging and trigger the DAG "
                "with the param full_refresh."
            )
        state.set(ACCOUNT_STATE, account.get("id"))

    def _user(self, hook: WrikeHook, context: Context, account: Record | None) -> AuthorizedUser:
        state = context["asset_state_store"][self.account]
        grant = hook.grant_identity
        now = datetime.now(UTC)
        known = state.get(USER_STATE)
        if isinstance(known, dict) and known.get("grant") == grant:
            asked = datetime.fromisoformat(str(known["asked"]))
            if now - asked < USER_KNOWN_FOR:
                return AuthorizedUser(**known["user"])  # type: ignore[arg-type]
        user = hook.authorized_user(account.get("id") if account else None)
        state.set(USER_STATE, {"grant": grant, "asked": now.isoformat(), "user": asdict(user)})
        return user


def _grant(hook: WrikeHook) -> str:
    """The grant that was not accepted; empty when there is no Connection that could hold one."""
    try:
        return hook.grant_identity
    except WrikeAuthorizationError:
        return ""


def matrix(entities: Sequence[Entity], granted: frozenset[str] | None, known: Mapping[str, Any]) -> str:
    """Lay out what entities need and what is known about it.

    :param entities: the entities.
    :param granted: scopes of the grant; None: not known, as of a permanent token.
    :param known: by entity why the last run could not read it; empty: it could.
    """
    return tabulate(
        [
            (
                declared.name,
                " or ".join(declared.scopes),
                "not known" if granted is None else "yes" if granted & set(declared.scopes) else "NO",
                declared.needs or "-",
                {"": "read", None: "not tried yet"}.get(
                    known.get(declared.name), f"blocked: {known.get(declared.name)}"
                ),
            )
            for declared in entities
        ],
        headers=("entity", "scope", "granted", "plan or right", "last time"),
        disable_numparse=True,
    )
