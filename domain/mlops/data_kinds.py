"""The kinds of data a system may hold, the class each belongs to, and the words that give them away."""

from collections.abc import Iterable, Mapping

AS_OF = "2026-01"

DATA_KINDS = (
    "none",
    "telemetry",
    "pseudonymous",
    "pii",
    "location",
    "financial",
    "employment",
    "card_token",
    "pan",
    "health",
    "biometric",
    "children",
)
DATA_CLASSES = ("public", "internal", "personal", "special")
_SPECIAL = frozenset({"pan", "health", "biometric"})
PERSONAL_KINDS = frozenset(
    {"pii", "location", "financial", "employment", "card_token", "pan", "health", "biometric", "children"}
)
"""Kinds that contradict "no PII"; pseudonymous ids and telemetry do not."""

STATED_WORDS: Mapping[str, str] = {
    "pii": (
        r"\bpii\b|personally identif\w+|personal (?:data|information|details)|\b(?:customer|full|first|last|user"
        r"|people's) names?\b|\bnames\b(?! of)"
        r"|\bnames?,|\bname and\b|\be-?mail addresses|(?<!by )(?<!via )(?<!an )\be-?mails?\b|(?:postal|home|street"
        r"|billing|shipping) address\w*|\baddresses\b|phone numbers?"
        r"|date of birth|passport\w*|social security|\bssn\b"
    ),
    "health": (
        r"\bpatients?\b|\bclinical\b|\bmedical\b|\binjur(?:y|ies|ed)\b|\be[hm]rs?\b|\bphi\b|health (?:data|records?"
        r"|information)|\bradiolog\w+"
        r"|\bprescriptions?\b|\bdiagnos[ei]s\b|discharge (?:letters?|summar\w+)|lab results"
    ),
    "biometric": (
        r"\bfacial\b|\bfaces\b(?! (?:a|an|the|many|new|high|strict|some|increasing|growing|problems?))"
        r"|\bface (?:recognition|images?|matching|id|verification|photos?)"
        r"|\bselfies?\b|\bvoices?\b|\bvoiceprints?\b|\bfingerprints?\b|\biris\b(?! data ?set)|\bbiometric\w*"
    ),
    "children": r"\bchildren\b|\bchild\b|\bkids?\b|\bpupils?\b|\bminors\b|under-?(?:13|16|18)s?",
    "pan": r"\b(?:credit |debit |payment )?card numbers?\b|\bpans?\b(?=[,. ]|$)|\bcvvs?\b|primary account numbers?",
    "card_token": r"card tokens?|tokeni[sz]ed (?:cards?|pans?)",
    "employment": (
        r"\bcvs\b|\bcv (?:screening|ranking|parsing)|curriculum vitae|\bresumes\b"
        r"|\br[eé]sum[eé]s?\b(?= (?:screening|ranking|parsing|data))|\bshifts\b"
        r"|shift (?:plan\w*|schedul\w*|rosters?)|job applica\w+|\bapplicants\b|\bpayroll\b|employee (?:data"
        r"|records)|\bhiring\b"
    ),
    "location": r"\bgps\b|geo-?location|location (?:data|history|traces?)|trajector(?:y|ies)|vehicle positions?",
    "financial": (
        r"bank (?:data|transactions?|accounts?|statements?)|account balances?|financial (?:data|records"
        r"|transactions)|credit (?:history|histories|scor\w+|data|risk)"
        r"|\bincomes?\b|\bsalar(?:y|ies)\b|payment (?:data|history)|loan (?:data|applications?)|insurance claims?"
    ),
    "pseudonymous": r"pseudonym\w*|hashed (?:user )?ids?|anonymi[sz]ed|user ids only|customer ids only",
    "telemetry": r"\btelemetry\b|sensor (?:data|readings?|values?)|machine data|vibration\w*|\bmeter readings?",
}
"""What the brief says the data holds."""

HINTED_WORDS: Mapping[str, str] = {
    "health": r"\bhospitals?\b|\bhealthcare\b|\bclinics?\b|\bx-?rays?\b|\bmri\b|\bdoctors?\b",
    "financial": (
        r"\bbanks?\b|\bbanking\b|\bpayments?\b|\bfintech\b|\blending\b|\bloans?\b"
        r"|\btransactions?\b(?=[^.]{0,60}fraud)"
    ),
    "card_token": r"\bpci(?:[- ]?dss)?\b|card payments?|credit cards?|debit cards?",
    "pseudonymous": r"\bclickstream\w*|\bclicks\b|\bcookies?\b|viewing history|browsing|behaviou?ral",
    "telemetry": r"\bsensors?\b|\bturbines?\b|\biot\b|predictive maintenance",
    "pii": r"\bcrm\b|customer data|user profiles?|customer profiles?|support tickets?",
    "employment": r"\brecruit\w+|\bcandidates\b(?=[^.]{0,40}\b(?:job|hir|recruit))",
}
"""What the subject of the brief suggests that the data holds; derived, not stated."""

PUBLIC_WORDS = (
    r"\bpublic(?:ly available)? (?:[a-z-]+ ){0,2}(?:data\w*|images?|tiles?|photos?|documents?|records?|imagery"
    r"|articles?|reviews?)|\bopen data\b"
)
SYNTHETIC_WORDS = r"\bsynthetic data\b"
UNSURE_WORDS = r"\b(?:not sure|don'?t know|unsure|unclear|unknown)\b[^.;,]{0,40}\b(?:data|pii|personal)\b"


def class_of(kinds: Iterable[str], *, public: bool = False) -> str:
    """Return the class of data of these kinds: the highest of public, internal, personal and special."""
    held = set(kinds)
    if held & _SPECIAL:
        return "special"
    if held & (PERSONAL_KINDS | {"pseudonymous"}):
        return "personal"
    return "public" if public else "internal"
