"""Bring Wrike accounts into staging tables with Apache Airflow."""

from importlib.metadata import version

__version__ = version("airflow-provider-wrike")
