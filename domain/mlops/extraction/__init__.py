"""Read a plain-language brief into constraints, each fact with the words it was read from."""

from collections.abc import Callable, Iterable

from domain.mlops.extraction.batches import read_batches, read_cadence, read_corpus, read_retrain, read_series
from domain.mlops.extraction.budget import read_budget
from domain.mlops.extraction.data import read_compliance, read_data, read_tokens, read_volume, settled_data
from domain.mlops.extraction.derive import derive
from domain.mlops.extraction.evidence import Evidence, resolve
from domain.mlops.extraction.latency import read_latency, read_other_times
from domain.mlops.extraction.operations import read_availability, read_deployment, read_flags, read_team
from domain.mlops.extraction.place import read_cloud, read_regions, read_residency
from domain.mlops.extraction.purpose import read_impact, read_model, read_task, read_use_case
from domain.mlops.extraction.rates import read_devices, read_rates, read_users
from domain.mlops.facts import Constraints, Fact, Provenance
from domain.mlops.reading import Reading, read

__all__ = ["extract"]

_RULES: tuple[Callable[[Reading], Iterable[Evidence]], ...] = (
    read_task,
    read_use_case,
    read_rates,
    read_users,
    read_devices,
    read_batches,
    read_cadence,
    read_series,
    read_corpus,
    read_retrain,
    read_latency,
    read_other_times,
    read_budget,
    read_cloud,
    read_regions,
    read_residency,
    read_data,
    read_compliance,
    read_volume,
    read_tokens,
    read_availability,
    read_team,
    read_deployment,
    read_flags,
    read_model,
    read_impact,
)


def extract(brief: str) -> Constraints:
    """Return what a redacted brief states and what follows from it; any text is taken.

    The spans of the facts are places in ``brief`` itself, of which the first 20,000 characters are read. Hedged wishes
    ("maybe", "later") yield no facts, nor do sentences aimed at the assistant, which set ``injected_instructions``.
    """
    reading = read(brief)
    found = settled_data([evidence for rule in _RULES for evidence in rule(reading)])
    facts = derive(reading, resolve(reading, found))
    if reading.injected:
        facts["injected_instructions"] = Fact("injected_instructions", True, Provenance.DERIVED)
    return Constraints({name: facts[name] for name in sorted(facts)})
