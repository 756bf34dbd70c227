"""Patterns are weighed by the stated weights, ruled out by vetoes, and tied ones parted by cost and ease."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.mlops.facts import Constraints, Fact, Provenance
from domain.mlops.patterns import PATTERNS, TASKS
from domain.mlops.plan import Candidate
from domain.mlops.planning import UnknownPatternError, make_plan
from domain.mlops.scoring import WEIGHTS, cheapest_usd, fastest_floor_ms, rank_patterns, sufficient_cap_usd
from domain.mlops.services import SERVICES
from tests.unit.mlops.golden_briefs import GOLDEN, Golden, budget, known


def online(**values: Any) -> Constraints:
    return known(**{"task": "classification", "serving": ["online"], "peak_rps": 100.0, "cloud": "aws", **values})


def candidate(constraints: Constraints, pattern: str) -> Candidate:
    return next(item for item in rank_patterns(constraints) if item.pattern == pattern)


def any_constraints() -> st.SearchStrategy[Constraints]:
    return st.builds(
        lambda task, mode, rps, rows, latency, cap, cloud, team, models: known(
            task=task,
            serving=[mode],
            peak_rps=rps,
            rows_per_run=rows,
            run_cadence="daily",
            latency_ms=latency,
            budget_usd_month=budget(cap),
            cloud=cloud,
            team_size=team,
            n_models=models,
        ),
        st.sampled_from(sorted(TASKS)),
        st.sampled_from(["batch", "online", "stream", "async", "edge", "train_only"]),
        st.floats(0, 1e6),
        st.integers(0, 10**9),
        st.floats(1, 1e7),
        st.floats(0, 1e6),
        st.sampled_from(["aws", "gcp", "azure", "onprem", "any"]),
        st.integers(1, 1000),
        st.integers(1, 100),
    )


@settings(max_examples=40, deadline=None)
@given(any_constraints())
def test_every_pattern_is_ranked_once_with_a_score_of_0_to_100(constraints: Constraints) -> None:
    ranked = rank_patterns(constraints)

    assert sorted(item.pattern for item in ranked) == sorted(PATTERNS)
    assert all(0 <= item.score <= 100 for item in ranked)
    assert all(0 <= part <= 1 for item in ranked for part in item.parts.values())


@settings(max_examples=40, deadline=None)
@given(any_constraints())
def test_ranking_and_planning_are_deterministic_and_never_negative(constraints: Constraints) -> None:
    plan = make_plan(constraints)

    assert plan == make_plan(constraints)
    assert plan.candidates == rank_patterns(constraints)
    assert 0 <= plan.cost.low <= plan.cost.base <= plan.cost.high
    assert plan.components


def test_the_weights_add_up_to_one_and_make_the_score() -> None:
    best = rank_patterns(online())[0]

    assert sum(WEIGHTS.values()) == pytest.approx(1)
    assert best.score == pytest.approx(100 * sum(WEIGHTS[name] * part for name, part in best.parts.items()), abs=0.1)


def test_a_pattern_without_the_main_mode_is_ruled_out() -> None:
    assert any("main mode" in veto for veto in candidate(online(), "batch_serverless").vetoes)
    assert candidate(online(), "online_containers").vetoes == ()


def test_half_of_the_modes_covered_is_half_the_mode_part() -> None:
    assert candidate(online(serving=["online", "stream"]), "online_containers").parts["mode"] == 0.5


def test_a_floor_above_the_limit_rules_a_pattern_out() -> None:
    assert any("floor" in veto for veto in candidate(online(latency_ms=20.0), "managed_platform").vetoes)
    assert candidate(online(latency_ms=30.0), "managed_platform").vetoes == ()


def test_serverless_is_ruled_out_above_200_requests_a_second() -> None:
    assert candidate(online(peak_rps=201.0), "online_serverless").vetoes
    assert candidate(online(peak_rps=200.0), "online_serverless").vetoes == ()


def test_load_outside_the_band_falls_by_half_a_decade() -> None:
    assert candidate(online(peak_rps=0.2), "online_containers").parts["load"] == pytest.approx(0.5)
    assert candidate(online(peak_rps=2.0), "online_containers").parts["load"] == 1.0


def test_a_pattern_that_cannot_reach_the_stated_availability_is_ruled_out() -> None:
    assert any("availability" in veto for veto in candidate(online(availability_pct=99.95), "online_serverless").vetoes)
    assert candidate(online(availability_pct=99.9), "online_serverless").vetoes == ()
    assert candidate(online(availability_pct=99.95), "online_containers").vetoes == ()


def test_language_models_and_other_tasks_keep_to_their_own_patterns() -> None:
    assert candidate(online(), "llm_rag_api").vetoes
    assert candidate(online(task="rag"), "online_containers").vetoes
    assert candidate(online(task="rag"), "llm_rag_api").vetoes == ()


def test_a_forbidden_hosted_model_rules_the_api_out() -> None:
    assert candidate(online(task="llm", external_llm_ok=False), "llm_rag_api").vetoes
    assert rank_patterns(online(task="llm", external_llm_ok=False, latency_ms=5000.0))[0].pattern == "llm_gpu_selfhost"


def test_on_premises_and_cloud_patterns_rule_each_other_out() -> None:
    assert candidate(online(cloud="onprem"), "online_containers").vetoes
    assert candidate(online(), "onprem_airgap").vetoes
    assert rank_patterns(online(cloud="onprem"))[0].pattern == "onprem_airgap"


def test_kubernetes_needs_eight_models_or_a_wish_for_it() -> None:
    assert candidate(online(), "k8s_multimodel").vetoes
    assert candidate(online(n_models=8), "k8s_multimodel").vetoes == ()
    assert candidate(online(deploy_want=["k8s"]), "k8s_multimodel").vetoes == ()


def test_an_avoided_deployment_is_ruled_out_and_a_wanted_one_preferred() -> None:
    constraints = online(deploy_want=["managed"], deploy_avoid=["containers"])

    assert candidate(constraints, "online_containers").vetoes
    assert candidate(constraints, "managed_platform").parts["preference"] == 1.0
    assert candidate(constraints, "online_serverless").parts["preference"] == 0.1


def test_a_small_team_pays_for_a_pattern_that_is_hard_to_run() -> None:
    assert candidate(online(team_size=2), "online_containers").parts["ops"] == pytest.approx(0.7)
    assert candidate(online(team_size=2, skills=["devops"]), "online_containers").parts["ops"] == 1.0


def test_without_a_ceiling_cost_counts_the_same_for_all() -> None:
    assert {item.parts["cost"] for item in rank_patterns(online())} == {0.6}


def test_tied_patterns_go_to_the_one_that_is_easier_to_run() -> None:
    constraints = online(peak_rps=40.0, team_size=4, cloud="azure")
    first, second = (candidate(constraints, name) for name in ("online_containers", "managed_platform"))

    assert abs(first.score - second.score) <= 0.5
    assert abs(first.base_usd - second.base_usd) <= 0.25 * max(first.base_usd, second.base_usd)
    assert rank_patterns(constraints)[0].pattern == "managed_platform"


def test_tied_patterns_go_to_the_one_that_is_clearly_cheaper() -> None:
    constraints = online(peak_rps=40.0, team_size=4, cloud="aws")
    first, second = (candidate(constraints, name) for name in ("online_containers", "managed_platform"))

    assert abs(first.score - second.score) <= 0.5
    assert first.base_usd < 0.75 * second.base_usd
    assert rank_patterns(constraints)[0].pattern == "online_containers"


def test_when_all_are_ruled_out_the_fewest_vetoes_win_and_the_plan_is_infeasible() -> None:
    plan = make_plan(online(latency_ms=1.0))

    assert not plan.feasible
    assert len(plan.candidates[0].vetoes) == min(len(item.vetoes) for item in plan.candidates)


def test_a_person_may_insist_on_another_pattern() -> None:
    assert make_plan(online(), pattern="managed_platform").pattern == "managed_platform"
    assert not make_plan(online(), pattern="batch_serverless").feasible


def test_an_unknown_pattern_is_refused_by_name() -> None:
    with pytest.raises(UnknownPatternError, match="no pattern blockchain"):
        make_plan(online(), pattern="blockchain")


def test_the_fastest_floor_ignores_the_stated_latency_but_not_the_other_vetoes() -> None:
    assert fastest_floor_ms(online(latency_ms=1.0)) == 8
    assert fastest_floor_ms(online(latency_ms=1.0, deploy_avoid=["containers"])) == 25


def test_the_cheapest_cost_is_that_of_the_cheapest_feasible_pattern() -> None:
    constraints = online(latency_ms=20.0)

    assert cheapest_usd(constraints) == min(item.base_usd for item in rank_patterns(constraints) if not item.vetoes)


def test_every_pattern_has_services_on_every_platform_it_claims() -> None:
    for name, pattern in PATTERNS.items():
        for platform in pattern.platforms:
            assert "serve" in SERVICES[name][platform], (name, platform)


@pytest.mark.parametrize("golden", GOLDEN, ids=lambda golden: golden.name)
def test_a_cap_that_is_called_sufficient_leaves_room_for_the_best_pattern(golden: Golden) -> None:
    cap = sufficient_cap_usd(golden.constraints)
    capped = golden.constraints.having(Fact("budget_usd_month", budget(cap), Provenance.ANSWERED))
    assert rank_patterns(capped)[0].base_usd <= cap / 1.2
