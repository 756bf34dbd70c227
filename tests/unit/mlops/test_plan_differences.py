"""A difference between plans names what changed and nothing else."""

import json

from domain.mlops.differences import diff_plans
from domain.mlops.planning import make_plan
from tests.unit.mlops.golden_briefs import GOLDEN, budget, known

FRAUD = GOLDEN[0].constraints


def test_a_first_plan_is_said_to_be_the_first() -> None:
    plan = make_plan(FRAUD)

    difference = diff_plans(None, plan)

    assert difference["first"]
    assert difference["pattern"] == plan.pattern
    assert difference["cost"]["after"] == plan.cost.base


def test_equal_plans_do_not_differ() -> None:
    assert diff_plans(make_plan(FRAUD), make_plan(FRAUD)) == {"first": False, "changed": False}


def test_more_load_changes_sizes_and_cost_but_not_the_pattern() -> None:
    before = make_plan(FRAUD)
    after = make_plan(FRAUD.having(*known(peak_rps=3000.0).facts.values()))

    difference = diff_plans(before, after)

    assert difference["changed"]
    assert "fields" not in difference
    assert difference["components"]["serve"]["replicas"] == {"before": 16, "after": 24}
    assert difference["cost"]["difference"] > 0
    assert "serving replicas" in difference["cost"]["lines"]


def test_another_pattern_changes_fields_components_and_controls() -> None:
    before = make_plan(FRAUD)
    after = make_plan(known(task="classification", serving=["batch"], rows_per_run=10, budget_usd_month=budget(90)))

    difference = diff_plans(before, after)

    assert difference["fields"]["pattern"] == {"before": "stream_features_online", "after": "batch_serverless"}
    assert difference["components"]["stream"] == {"removed": "Kinesis Data Streams"}
    assert difference["components"]["scheduler"] == {"added": "EventBridge Scheduler"}
    assert difference["lists"]["controls"]["removed"]


def test_a_difference_is_plain_json() -> None:
    difference = diff_plans(make_plan(FRAUD), make_plan(GOLDEN[1].constraints))

    assert json.loads(json.dumps(difference)) == difference
    assert difference["changed"]
