-- Read by psql itself, so that the password is in no command line.
\getenv password STAGING_DB_PASSWORD
ALTER ROLE wrike_sync PASSWORD :'password';
