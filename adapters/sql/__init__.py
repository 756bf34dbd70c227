"""Keep everything in a SQL database, PostgreSQL through psycopg or SQLite through aiosqlite, from one set of tables."""
