"""The project on one machine: a real Airflow inside this checkout, the demo on it, and what tests need of both."""
