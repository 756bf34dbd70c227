"""Runs LangGraph graphs as workflows: the checkpointer, the recorder of steps, the runner, the catalog."""

import os

os.environ.setdefault("LANGGRAPH_STRICT_MSGPACK", "true")
