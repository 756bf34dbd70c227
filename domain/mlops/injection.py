"""Sentences of a brief that address the assistant or its gates instead of describing a system."""

import re

_OBJECT = (
    r"(?:instructions?|rules?|prompts?|polic(?:y|ies)|guidelines?|constraints|directives?|safeguards?|guardrails?)"
)
_GATE = (
    r"(?:approvals?|approval gates?|gates?|polic(?:y|ies)(?: checks?)?|validat(?:ion|ors?)|compliance checks?|critics?)"
)

_AIMED = re.compile(
    "|".join(
        (
            rf"\b(?:ignore|disregard|forget|override|bypass|discard)\b[^.!?\n]{{0,40}}\b{_OBJECT}\b",
            r"\b(?:ignore|disregard|forget)\b (?:all |everything |anything )?(?:of )?(?:the )?(?:previous|above"
            r"|prior|before)\b",
            r"\b(?:mark|report|flag|record|count|treat)\b[^.!?\n]{0,40}\bas (?:passed|passing|approved|compliant"
            r"|successful)\b",
            rf"\b(?:skip|bypass|disable|circumvent|turn off|switch off|suppress)\b[^.!?\n]{{0,20}}\b{_GATE}",
            r"\b(?:auto-?approve|approve (?:this|it|everything|all|the plan|automatically|immediately))\b",
            r"\byou are (?:now|no longer)\b",
            r"\b(?:act|behave|respond) as (?:if you|a|an|though)\b[^.!?\n]{0,40}\b(?:admin|root|system|assistant"
            r"|model|ai|dan)\b",
            r"\b(?:reveal|print|show|repeat|output|leak)\b[^.!?\n]{0,30}\b(?:system prompt|your (?:prompt"
            r"|instructions|rules))\b",
            r"\bnew (?:system )?(?:instructions|prompt|rules) ?:",
            r"(?:^|\n)\s{0,8}(?:system|assistant|developer) ?:",
            r"<\|im_(?:start|end)\|>|\[/?inst\]|<</?sys>>|</?system>",
            r"\bset (?:the )?(?:coverage|score|status|verdicts?)\b[^.!?\n]{0,20}\b(?:to|=)\b",
            r"\b(?:all|every) (?:checks?|tests?|polic(?:y|ies)|gates?|validators?) (?:must|should|have to) (?:pass"
            r"|be (?:green|passed|approved))",
        )
    ),
    re.IGNORECASE,
)
_SENTENCE_END = re.compile(r"[.!?](?=\s|$)|[;\n]")


def injected_spans(text: str) -> tuple[tuple[int, int], ...]:
    """Return the half-open ranges of the sentences that address the assistant or its gates, in order."""
    spans: list[tuple[int, int]] = []
    start = 0
    for end in [*(match.end() for match in _SENTENCE_END.finditer(text)), len(text)]:
        if start < end and _AIMED.search(text, start, end):
            spans.append((start, end))
        start = max(start, end)
    return tuple(spans)
