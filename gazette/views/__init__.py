"""Pages: what all of them share, and the library's own."""

from .library import AttachmentFile, DocumentDetail, DocumentList, DocumentRecords, DocumentText
from .pages import OFFERED, Chip, DayForm, DetailPage, Gone, ListPage, NoSuchPage, Page, RecordPage, find_public

__all__ = [
    "OFFERED",
    "AttachmentFile",
    "Chip",
    "DayForm",
    "DetailPage",
    "DocumentDetail",
    "DocumentList",
    "DocumentRecords",
    "DocumentText",
    "Gone",
    "ListPage",
    "NoSuchPage",
    "Page",
    "RecordPage",
    "find_public",
]
