"""Wrike's data export in staging: tables that Wrike itself describes, replaced as a whole."""
