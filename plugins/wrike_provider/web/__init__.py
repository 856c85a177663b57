"""The page "Wrike" of the Airflow UI, Authorise, and the token broker: what runs in the API server."""
