"""${message.rstrip(".")}.

Revision ${up_revision}, after ${down_revision | comma,n}. A revision that has been released is never edited: it states
its types and SQL in full and imports nothing of the application, whose tables move on.
"""

import sqlalchemy as sa
from alembic import op
${imports if imports else ""}

revision: str = ${repr(up_revision)}
down_revision: str | None = ${repr(down_revision)}
branch_labels: str | None = ${repr(branch_labels)}
depends_on: str | None = ${repr(depends_on)}


def upgrade() -> None:
    """Bring a database at ${down_revision | comma,n} to ${up_revision}."""
    ${upgrades if upgrades else "pass"}


def downgrade() -> None:
    """Bring a database at ${up_revision} back to ${down_revision | comma,n}."""
    ${downgrades if downgrades else "pass"}
