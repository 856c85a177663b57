-- The roles of the staging database. Run once, as an administrator, connected to the database `staging`.

-- Writes: makes a schema for each team, and owns what it makes there.
CREATE ROLE wrike_sync LOGIN;
-- Reads all of it. Analysts become members: CREATE ROLE ana LOGIN IN ROLE wrike_reader;
CREATE ROLE wrike_reader NOLOGIN;

REVOKE ALL ON DATABASE staging FROM PUBLIC;
REVOKE ALL ON SCHEMA public FROM PUBLIC;
GRANT CONNECT, CREATE ON DATABASE staging TO wrike_sync;
GRANT CONNECT ON DATABASE staging TO wrike_reader;

-- Teams come later, and tables with them. These are the rights to read them.
ALTER DEFAULT PRIVILEGES FOR ROLE wrike_sync GRANT USAGE ON SCHEMAS TO wrike_reader;
ALTER DEFAULT PRIVILEGES FOR ROLE wrike_sync GRANT SELECT ON TABLES TO wrike_reader;
