"""What keeps the event log append-only in the database itself: triggers, as statements for a migration to copy."""

from collections.abc import Sequence

_POSTGRESQL = (
    """
CREATE FUNCTION refuse_event_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'The event log is append-only: % on events is refused.', TG_OP USING ERRCODE = 'restrict_violation';
END
$$
""",
    """
CREATE TRIGGER events_refuse_update BEFORE UPDATE ON events
FOR EACH ROW EXECUTE FUNCTION refuse_event_change()
""",
    """
CREATE TRIGGER events_refuse_delete BEFORE DELETE ON events
FOR EACH ROW WHEN (pg_trigger_depth() = 0) EXECUTE FUNCTION refuse_event_change()
""",
    """
CREATE TRIGGER events_refuse_truncate BEFORE TRUNCATE ON events
FOR EACH STATEMENT EXECUTE FUNCTION refuse_event_change()
""",
)

_SQLITE = (
    """
CREATE TRIGGER events_refuse_update BEFORE UPDATE ON events
BEGIN
    SELECT RAISE(ABORT, 'The event log is append-only: UPDATE on events is refused.');
END
""",
    """
CREATE TRIGGER events_refuse_delete BEFORE DELETE ON events
WHEN EXISTS (SELECT 1 FROM event_streams WHERE id = OLD.stream_id)
BEGIN
    SELECT RAISE(ABORT, 'The event log is append-only: DELETE on events is refused.');
END
""",
)


def append_only_triggers(dialect: str) -> Sequence[str]:
    """Return the statements that make ``events`` refuse changes, for the dialect ``postgresql`` or ``sqlite``.

    A row goes only when a cascade takes it along with its whole stream, as when a project is deleted: a cascade runs
    inside another trigger on PostgreSQL, and after the stream's row is gone on SQLite.
    """
    return _POSTGRESQL if dialect == "postgresql" else _SQLITE
