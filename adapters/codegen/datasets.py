"""The synthetic data sets generated repositories train on: one in the shape of each task, all figures invented."""

from collections.abc import Mapping

from attrs import frozen

from adapters.codegen.quoting import Verbatim, token

METRICS: Mapping[str, str] = {
    "pr_auc": "average_precision",
    "auprc": "average_precision",
    "average_precision": "average_precision",
    "ndcg": "average_precision",
    "map": "average_precision",
    "recall": "average_precision",
    "roc_auc": "roc_auc",
    "auc": "roc_auc",
    "auroc": "roc_auc",
    "mae": "mae",
    "rmse": "rmse",
}
_OF_KIND = {"classification": ("average_precision", "roc_auc"), "regression": ("mae", "rmse")}


@frozen
class Feature:
    """A number of the synthetic rows: its range, its weight in the target, how far it drifts over the period."""

    name: str
    low: float
    high: float
    weight: float
    drift: float = 0.0

    @property
    def name_token(self) -> Verbatim:
        """Return the name for use as an identifier."""
        return token(self.name)


@frozen
class Category:
    """A column with a few named values; the last one raises the target a little."""

    name: str
    values: tuple[str, ...]

    @property
    def name_token(self) -> Verbatim:
        """Return the name for use as an identifier."""
        return token(self.name)


@frozen
class Dataset:
    """The shape of a task's rows; the first two features interact and the last one is useless."""

    kind: str
    entity: str
    target: str
    features: tuple[Feature, ...]
    categories: tuple[Category, ...]
    positive_rate: float = 0.3

    @property
    def entity_name(self) -> Verbatim:
        """Return the entity's column for use as an identifier."""
        return token(self.entity)

    @property
    def interaction(self) -> tuple[str, str]:
        """Return the two features whose product matters."""
        return self.features[0].name, self.features[1].name

    def metric(self, planned: str) -> str:
        """Return the metric measured for a planned one: itself where it suits the kind, else the kind's first."""
        stem = planned.lower().replace("-", "_").replace(" ", "_").split("@")[0]
        known = METRICS.get(stem, "")
        return known if known in _OF_KIND[self.kind] else _OF_KIND[self.kind][0]


def _dataset(
    kind: str, entity: str, target: str, numbers: str, category: str, values: str, positive_rate: float = 0.3
) -> Dataset:
    """Read features from ``name:low:high`` items; weights fall, the second last drifts, the last has no weight."""
    parsed = [item.split(":") for item in numbers.split()]
    weights = [3.0, 2.0, 1.5, 1.0]
    features = tuple(
        Feature(
            name=name,
            low=float(low),
            high=float(high),
            weight=0.0 if index == len(parsed) - 1 else weights[min(index, 3)],
            drift=0.1 if index == len(parsed) - 2 else 0.0,
        )
        for index, (name, low, high) in enumerate(parsed)
    )
    return Dataset(kind, entity, target, features, (Category(category, tuple(values.split())),), positive_rate)


DATASETS: Mapping[str, Dataset] = {
    "classification": _dataset(
        "classification",
        "account_id",
        "churned",
        "days_inactive:0:365 support_contacts:0:50 monthly_spend:0:500 tenure_months:0:240 page_load_ms:0:5000",
        "plan_type",
        "basic plus trial",
    ),
    "regression": _dataset(
        "regression",
        "item_id",
        "value",
        "size:0:500 quality:0:10 age_years:0:100 distance_km:0:80 batch_number:0:1000",
        "segment",
        "north south west",
    ),
    "fraud": _dataset(
        "classification",
        "account_ref",
        "is_fraud",
        "amount:0:5000 payments_last_hour:0:60 merchant_risk:0:1 account_age_days:0:4000 terminal_number:0:9999",
        "channel",
        "shop web phone",
        0.06,
    ),
    "anomaly": _dataset(
        "classification",
        "sensor_ref",
        "is_anomaly",
        "vibration_mm_s:0:50 temperature_c:-40:150 pressure_kpa:0:1000 humidity_pct:0:100 firmware_number:0:99",
        "site",
        "north south coast",
        0.08,
    ),
    "ranking": _dataset(
        "classification",
        "query_ref",
        "is_relevant",
        "text_match:0:1 popularity:0:1 freshness_days:0:365 price:0:1000 position_noise:0:1",
        "source",
        "catalogue partner featured",
        0.2,
    ),
    "recsys": _dataset(
        "classification",
        "user_ref",
        "is_clicked",
        "embedding_similarity:0:1 item_popularity:0:1 hours_since_view:0:720 price:0:1000 item_hash:0:1",
        "surface",
        "home search mail",
        0.15,
    ),
    "cv": _dataset(
        "classification",
        "image_ref",
        "is_positive",
        "embedding_1:0:1 embedding_2:0:1 sharpness:0:1 brightness:0:255 frame_number:0:10000",
        "camera",
        "day dusk night",
        0.2,
    ),
    "nlp": _dataset(
        "classification",
        "document_ref",
        "is_positive",
        "embedding_1:0:1 embedding_2:0:1 keyword_share:0:1 word_count:0:5000 page_number:0:500",
        "language",
        "en de fr",
        0.25,
    ),
    "speech": _dataset(
        "classification",
        "recording_ref",
        "is_positive",
        "embedding_1:0:1 embedding_2:0:1 noise_db:0:120 duration_s:0:600 channel_number:0:64",
        "device",
        "headset phone room",
        0.2,
    ),
}


def dataset_of(task: str) -> Dataset:
    """Return the data set of a task; an unknown task is treated as a classification."""
    return DATASETS.get(task, DATASETS["classification"])


def sample_csv(dataset: Dataset, rows: int = 12) -> bytes:
    """Return a small file of rows that fit the schema, spread over the ranges; its targets are illustrations."""
    header = ["event_time", dataset.entity, *(feature.name for feature in dataset.features)]
    lines = [",".join([*header, *(category.name for category in dataset.categories), dataset.target])]
    for index in range(rows):
        numbers = [
            f"{feature.low + (feature.high - feature.low) * ((index * 37 + column * 17) % 100) / 100:.4f}"
            for column, feature in enumerate(dataset.features)
        ]
        names = [category.values[index % len(category.values)] for category in dataset.categories]
        target = f"{index * 1.5:.2f}" if dataset.kind == "regression" else str(int(index % 4 == 3))
        lines.append(",".join([f"2025-01-{index + 1:02d}T00:00:00+00:00", f"e{index:06d}", *numbers, *names, target]))
    return ("\n".join(lines) + "\n").encode()
