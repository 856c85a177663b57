"""The tasks of a team's DAG."""
