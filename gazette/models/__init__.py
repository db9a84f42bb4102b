"""The ground floor's models: units, documents and their passages, ties, and the public ledger."""

from .base import (
    CODE_LENGTH,
    PublicQuerySet,
    RegisterQuerySet,
    Sourced,
    SourcedQuerySet,
    choice_constraint,
    code_field,
)
from .documents import (
    Citation,
    DateBasis,
    Document,
    DocumentKind,
    DocumentStatus,
    Mention,
    Passage,
    PassageKind,
    Reason,
    Rule,
    Tie,
)
from .ledger import Change, LedgerHead, Operation, Origin, PublicRecord
from .units import Unit, UnitAlias, UnitKind, User

__all__ = [
    "CODE_LENGTH",
    "Change",
    "Citation",
    "DateBasis",
    "Document",
    "DocumentKind",
    "DocumentStatus",
    "LedgerHead",
    "Mention",
    "Operation",
    "Origin",
    "Passage",
    "PassageKind",
    "PublicQuerySet",
    "PublicRecord",
    "Reason",
    "RegisterQuerySet",
    "Rule",
    "Sourced",
    "SourcedQuerySet",
    "Tie",
    "Unit",
    "UnitAlias",
    "UnitKind",
    "User",
    "choice_constraint",
    "code_field",
]
