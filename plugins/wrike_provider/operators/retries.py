"""Which failures of a task are worth another try, and when; and which end it before it has done all."""

from __future__ import annotations

from datetime import timedelta

from airflow.sdk import ExceptionRetryPolicy, RetryAction, RetryRule
from airflow.sdk.exceptions import AirflowNotFoundException

from wrike_provider.api.errors import (
    WrikeAuthorizationError,
    WrikeBlockedError,
    WrikeHostError,
    WrikeLimiterError,
    WrikeLimiterUnavailableError,
    WrikeNotFoundError,
    WrikeRateLimitError,
    WrikeRequestError,
    WrikeTokenUnavailableError,
    WrikeTransientError,
)
from wrike_provider.operators.errors import BadParamsError, StagingDiffersError, SyncFailedError, TooManyVanishedError
from wrike_provider.staging.errors import (
    BadExportError,
    BadRecordError,
    StagingConfigurationError,
    StagingError,
    StagingFullError,
    StagingLockedError,
)

PASSING = (WrikeTransientError, StagingLockedError, StagingFullError)
"""Of several failures of a task, it ends with one of these: what they stopped, another try may do."""
CONCERNS_ALL = (
    WrikeAuthorizationError,
    WrikeHostError,
    WrikeLimiterError,
    WrikeLimiterUnavailableError,
    WrikeTokenUnavailableError,
    StagingConfigurationError,
    StagingLockedError,
    StagingFullError,
)
"""What fails for one entity or table would for the next one, after the same wait or the same requests."""
RETRIES = 3
RETRY_DELAY = timedelta(seconds=15)
"""Pause after what is in no rule, doubled each time: above all after the loss of a worker, which needs no pause."""


def _never(error: type[Exception], reason: str) -> RetryRule:
    return RetryRule(error, RetryAction.FAIL, reason=reason)


def _later(error: type[Exception], delay: timedelta, reason: str) -> RetryRule:
    return RetryRule(error, RetryAction.RETRY, retry_delay=delay, reason=reason)


RETRY_POLICY = ExceptionRetryPolicy(
    [
        _never(WrikeLimiterError, "the settings of the request limiter have to be corrected"),
        _never(WrikeAuthorizationError, "somebody has to authorise again"),
        _never(WrikeHostError, "the host of the Connection has to be corrected"),
        _never(WrikeBlockedError, "the plan, the scopes or the user's rights do not allow it"),
        _never(WrikeRequestError, "the same request would be refused again"),
        _never(WrikeNotFoundError, "the same request would be refused again"),
        _never(StagingConfigurationError, "the staging Connection has to be corrected"),
        _never(BadExportError, "the same file would come again"),
        _never(BadRecordError, "the same record would come again"),
        _never(BadParamsError, "the params of the run have to be corrected"),
        _never(TooManyVanishedError, "somebody has to look whether the records are really gone"),
        _never(SyncFailedError, "the tasks that failed have been tried again already"),
        _never(StagingDiffersError, "reading again changes nothing"),
        _never(AirflowNotFoundException, "a Connection has to be made"),
        _later(WrikeRateLimitError, timedelta(minutes=2), "Wrike's request limit"),
        _later(WrikeTransientError, timedelta(minutes=5), "Wrike or the network failed for the moment"),
        _later(StagingLockedError, timedelta(minutes=2), "another program holds the staging file"),
        _later(StagingFullError, timedelta(minutes=15), "no room in the staging database"),
        _later(StagingError, timedelta(minutes=5), "the staging database failed for the moment"),
    ]
)
