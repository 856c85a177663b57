"""The gate of a team's DAG: the switch of its endpoint."""

from __future__ import annotations

from typing import TYPE_CHECKING

from airflow.sdk import BaseOperator, Variable
from airflow.sdk.bases.skipmixin import SkipMixin
from airflow.sdk.exceptions import AirflowRuntimeError

from wrike_provider.teams.switch import switched_on

if TYPE_CHECKING:
    from airflow.sdk import Context


class FeatureEnabledOperator(BaseOperator, SkipMixin):
    """Skips everything after it unless the endpoint's switch is on.

    :param switch: key of the Variable; missing, empty or unreadable means off.
    """

    ui_color = "#e8f7e4"

    def __init__(self, *, switch: str, **kwargs: object) -> None:
        super().__init__(**kwargs)  # type: ignore[arg-type]
        self.switch = switch

    def execute(self, context: Context) -> bool:
        """Look at the switch.

        :param context: context of the task.
        """
        on, why = self._state()
        if on:
            self.log.info("The Variable %s is on.", self.switch)
            return True
        self.log.warning(
            "%s Nothing is read from Wrike. To turn the endpoint on, set the Variable %s to true (Admin > Variables).",
            why,
            self.switch,
        )
        self.skip(ti=context["ti"], tasks=context["task"].get_flat_relatives(upstream=False))
        return False

    def _state(self) -> tuple[bool, str]:
        try:
            value = Variable.get(self.switch, default=None)
        except (AirflowRuntimeError, ValueError) as error:
            return False, f"The Variable {self.switch} cannot be read ({error}): that counts as off."
        return switched_on(self.switch, value)
