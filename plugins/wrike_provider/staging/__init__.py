"""Records to pandas frames to staging tables. Imports nothing of Airflow."""
