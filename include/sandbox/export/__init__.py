"""The data export: everything in an account as tables (Wrike API v4, "Data Export")."""
