"""Wrike's REST API v4 over HTTP: session, limits, paging, errors. Imports nothing of Airflow."""
