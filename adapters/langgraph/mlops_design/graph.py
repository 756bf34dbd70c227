"""The graph of the design workflow: thirteen agents, two gates."""

from typing import Any

from langgraph.graph import END, START, StateGraph

from adapters.langgraph.mlops_design.cards import Agent, carded
from adapters.langgraph.mlops_design.delivery import Codegen, Validators, diff_and_persist, rationale_compile
from adapters.langgraph.mlops_design.intake import (
    adaptive_questions,
    after_input_gate,
    coverage_check,
    hitl_gate_input,
    intake_extract,
)
from adapters.langgraph.mlops_design.planning import after_policies, critic_cost, critic_tech, planner, policy_eval
from adapters.langgraph.mlops_design.review import after_final_gate, hitl_gate_final
from adapters.langgraph.mlops_design.state import DesignState
from ports.codegen import RepositoryGenerator
from ports.validation import RepositoryValidator
from ports.workflows import WorkflowContext


def build_graph(
    generator: RepositoryGenerator, validator: RepositoryValidator
) -> StateGraph[DesignState, Any, Any, Any]:
    """Build the design workflow over a code generator and a validator.

    The critics work side by side; the planner gets the plan back while a critic's remedy is untried.
    """
    agents: dict[str, Agent] = {
        "intake_extract": intake_extract,
        "coverage_check": coverage_check,
        "adaptive_questions": adaptive_questions,
        "hitl_gate_input": hitl_gate_input,
        "planner": planner,
        "critic_tech": critic_tech,
        "critic_cost": critic_cost,
        "policy_eval": policy_eval,
        "hitl_gate_final": hitl_gate_final,
        "codegen": Codegen(generator),
        "validators": Validators(validator),
        "rationale_compile": rationale_compile,
        "diff_and_persist": diff_and_persist,
    }
    offered: Any = WorkflowContext
    graph: StateGraph[DesignState, Any, Any, Any] = StateGraph(DesignState, context_schema=offered)
    for name, agent in agents.items():
        node: Any = carded(agent)
        graph.add_node(name, node)
    graph.add_edge(START, "intake_extract")
    graph.add_edge("intake_extract", "coverage_check")
    graph.add_edge("coverage_check", "adaptive_questions")
    graph.add_edge("adaptive_questions", "hitl_gate_input")
    graph.add_conditional_edges("hitl_gate_input", after_input_gate, ["coverage_check", "planner"])
    graph.add_edge("planner", "critic_tech")
    graph.add_edge("planner", "critic_cost")
    graph.add_edge(["critic_tech", "critic_cost"], "policy_eval")
    graph.add_conditional_edges("policy_eval", after_policies, ["planner", "hitl_gate_final"])
    graph.add_conditional_edges("hitl_gate_final", after_final_gate, ["codegen", END])
    graph.add_edge("codegen", "validators")
    graph.add_edge("validators", "rationale_compile")
    graph.add_edge("rationale_compile", "diff_and_persist")
    graph.add_edge("diff_and_persist", END)
    return graph
