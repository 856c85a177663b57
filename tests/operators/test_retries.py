"""Every kind of error has its retry."""

from __future__ import annotations

import inspect

import pytest
from airflow.sdk import RetryAction

from wrike_provider.api import errors as api_errors
from wrike_provider.operators import errors as run_errors
from wrike_provider.operators.retries import RETRY_POLICY
from wrike_provider.staging import errors as staging_errors

EXPECTED = {
    "WrikeTransientError": RetryAction.RETRY,
    "WrikeRateLimitError": RetryAction.RETRY,
    "WrikePageExpiredError": RetryAction.RETRY,
    "WrikeTokenUnavailableError": RetryAction.RETRY,
    "WrikeLimiterUnavailableError": RetryAction.RETRY,
    "WrikeLimiterError": RetryAction.FAIL,
    "BadParamsError": RetryAction.FAIL,
    "CutOffError": RetryAction.FAIL,
    "NotificationFailedError": RetryAction.DEFAULT,
    "StagingDiffersError": RetryAction.FAIL,
    "SyncFailedError": RetryAction.FAIL,
    "TooManyVanishedError": RetryAction.FAIL,
    "WrikeAuthorizationError": RetryAction.FAIL,
    "WrikeBlockedError": RetryAction.FAIL,
    "WrikeMethodNotFoundError": RetryAction.FAIL,
    "WrikeNotFoundError": RetryAction.FAIL,
    "WrikeHostError": RetryAction.FAIL,
    "WrikeRequestError": RetryAction.FAIL,
    "StagingConfigurationError": RetryAction.FAIL,
    "StagingMissingError": RetryAction.RETRY,
    "StagingLockedError": RetryAction.RETRY,
    "StagingFullError": RetryAction.RETRY,
    "BadRecordError": RetryAction.FAIL,
    "BadExportError": RetryAction.FAIL,
    "WrikeError": RetryAction.DEFAULT,
    "StagingError": RetryAction.RETRY,
}
CLASSES = {
    name: error
    for module in (api_errors, run_errors, staging_errors)
    for name, error in inspect.getmembers(module, inspect.isclass)
    if issubclass(error, Exception)
}


def test_no_error_is_forgotten() -> None:
    assert set(CLASSES) == set(EXPECTED)


@pytest.mark.parametrize("name", EXPECTED)
def test_action(name: str) -> None:
    decision = RETRY_POLICY.evaluate(CLASSES[name]("message"), try_number=1, max_tries=3)
    assert decision.action is EXPECTED[name]
