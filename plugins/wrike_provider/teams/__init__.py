"""The variables file: which teams there are."""

from wrike_provider.teams.file import Problem, TeamsFile, TeamsFileError, read_teams, teams_file_path
from wrike_provider.teams.model import SUMMARY_TASK, VERIFY_PARAM, Reconcile, Team

__all__ = [
    "SUMMARY_TASK",
    "VERIFY_PARAM",
    "Problem",
    "Reconcile",
    "Team",
    "TeamsFile",
    "TeamsFileError",
    "read_teams",
    "teams_file_path",
]
