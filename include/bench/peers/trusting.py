"""Airbyte's connector for Wrike, trusting one more authority: it takes none from the environment.

Its environment's interpreter runs it; the authority's certificate is in the file that `REQUESTS_CA_BUNDLE` names.
"""

import os

import certifi

certifi.where = lambda: os.environ["REQUESTS_CA_BUNDLE"]

from source_wrike.run import run  # noqa: E402

run()
