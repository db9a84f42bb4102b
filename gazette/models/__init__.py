"""The ground floor's models: units, documents and their passages, ties, and the public ledger."""

from .attachments import Attachment, MediaType
from .base import (
    CODE_LENGTH,
    PublicQuerySet,
    RegisterQuerySet,
    Sourced,
    SourcedQuerySet,
    choice_constraint,
    code_field,
)
from .corrections import Correction, CorrectionState
from .documents import (
    Citation,
    DateBasis,
    Document,
    DocumentKind,
    DocumentStatus,
    Passage,
    PassageKind,
)
from .doubts import Doubt, DoubtState
from .imports import ImportState, SheetImport
from .ledger import GONE, Change, LedgerHead, Operation, Origin, PublicRecord, WithdrawalReason
from .listing import History, Listed, list_index, newest_first, place_of, place_once
from .registers import Merger
from .relations import Relation, RelationKind
from .review import Deputy, ReviewAct, ReviewEntry
from .search import AudienceGroup, SearchEntry
from .security import CannotRewrite, EventKind, OldPassword, SecurityEvent
from .ties import Mention, Reason, Rule, Tie
from .units import Unit, UnitAlias, UnitKind, UnitName, User
from .wording import WatchedKind, WatchedWord

__all__ = [
    "Attachment",
    "AudienceGroup",
    "CODE_LENGTH",
    "CannotRewrite",
    "Change",
    "Citation",
    "Correction",
    "CorrectionState",
    "DateBasis",
    "Deputy",
    "Document",
    "DocumentKind",
    "DocumentStatus",
    "Doubt",
    "DoubtState",
    "EventKind",
    "GONE",
    "History",
    "ImportState",
    "LedgerHead",
    "Listed",
    "MediaType",
    "Mention",
    "Merger",
    "OldPassword",
    "Operation",
    "Origin",
    "Passage",
    "PassageKind",
    "PublicQuerySet",
    "PublicRecord",
    "Reason",
    "RegisterQuerySet",
    "Relation",
    "RelationKind",
    "ReviewAct",
    "ReviewEntry",
    "Rule",
    "SearchEntry",
    "SecurityEvent",
    "SheetImport",
    "Sourced",
    "SourcedQuerySet",
    "Tie",
    "Unit",
    "UnitAlias",
    "UnitKind",
    "UnitName",
    "User",
    "WatchedKind",
    "WatchedWord",
    "WithdrawalReason",
    "choice_constraint",
    "code_field",
    "list_index",
    "newest_first",
    "place_of",
    "place_once",
]
