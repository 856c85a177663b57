"""What the demo shows of the staged rows."""

from collections.abc import Mapping, Sequence

import duckdb
from rich.console import Console
from rich.syntax import Syntax
from rich.table import Table

from include.local.progress import state_text
from include.local.rest import TaskInstance

SAMPLE_QUERY = """\
SELECT task.title AS task,
       string_agg(DISTINCT trim(person.first_name || ' ' || person.last_name), ', ') AS assignees,
       field.title AS custom_field,
       entry.value AS value
FROM {schema}.tasks AS task
JOIN {schema}.tasks_responsible_ids AS assignee ON assignee.task_id = task.id
JOIN {schema}.contacts AS person ON person.id = assignee.responsible_id
JOIN {schema}.tasks_custom_fields AS entry ON entry.task_id = task.id
JOIN {schema}.custom_fields AS field ON field.id = entry.custom_field_id
WHERE task.status = 'Active' AND field.type = 'Currency'
GROUP BY task.id, task.title, field.title, entry.value
ORDER BY try_cast(entry.value AS DOUBLE) DESC NULLS LAST, task.id
LIMIT 5"""


def row_counts(database: duckdb.DuckDBPyConnection, schema: str) -> dict[str, int]:
    """Return the number of rows of every table of a team's schema, by name in the order of the alphabet."""
    names = database.execute(
        "SELECT table_name FROM information_schema.tables WHERE table_schema = ? AND NOT starts_with(table_name, '_') "
        "ORDER BY table_name",
        [schema],
    ).fetchall()
    counts = {}
    for (name,) in names:
        found = database.execute(f'SELECT count(*) FROM "{schema}"."{name}"').fetchone()  # noqa: S608
        counts[name] = found[0] if found else 0
    return counts


def show_counts(console: Console, counts: Mapping[str, Mapping[str, int]]) -> None:
    """Show the row counts of several schemas side by side, `counts[schema][table]`; empty ones by name only."""
    table = Table()
    table.add_column("table", overflow="fold")
    for schema in counts:
        table.add_column(schema, justify="right")
    empty = []
    for name in sorted({name for each in counts.values() for name in each}):
        if any(each.get(name) for each in counts.values()):
            table.add_row(name, *(f"{each[name]:,}" if name in each else "" for each in counts.values()))
        else:
            empty.append(name)
    console.print(table)
    if empty:
        console.print(f"  Without rows: {', '.join(empty)}.", style="dim")


def show_query(console: Console, database: duckdb.DuckDBPyConnection, schemas: Sequence[str]) -> None:
    """Show the sample query for the first of several schemas, and its answer for each."""
    query = SAMPLE_QUERY.format(schema=schemas[0])
    console.print(Syntax(query, "sql", theme="ansi_dark", background_color="default"))
    for schema in schemas:
        answer = database.execute(SAMPLE_QUERY.format(schema=schema))
        table = Table(title=schema, title_justify="left")
        for column in answer.description or ():
            table.add_column(column[0], overflow="fold")
        for row in answer.fetchall():
            table.add_row(*map(str, row))
        console.print(table)


def show_tasks(console: Console, tasks: Sequence[TaskInstance]) -> None:
    """Show the state of every task of a run."""
    table = Table(box=None, pad_edge=False, show_header=False)
    for task in tasks:
        table.add_row(f"  {task.task_id}", state_text(task))
    console.print(table)
