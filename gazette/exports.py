"""The columns of documents, what they cite and say of others, their attachments, and units in downloads."""

from . import models
from .tables import columns, source_line

DOCUMENT = columns(
    models.Document,
    "code",
    "title",
    "number",
    "kind",
    ("发文机关代码", "issuer.code"),
    ("发文机关", "issuer.name"),
    "written_on",
    "written_basis",
    "released_on",
    "effective_on",
    "expires_on",
    "addressees",
    ("批准机关代码", "approved_by.code"),
    ("批准机关", "approved_by.name"),
    "based_on",
    "disclosure_note",
    "index_number",
    "subject",
    "gazette_issue",
    "note",
    ("来源", source_line),
)
CITATION = columns(models.Citation, "code", "title", ("本站收录的文件代码", "public_cited.code"))
RELATION = columns(
    models.Relation,
    "code",
    "kind",
    ("较早的文件代码", "public_target.code"),
    ("较早的文件", "public_target.title"),
    "takes_effect_on",
)
ATTACHMENT = columns(
    models.Attachment,
    "code",
    ("所属文件代码", "document.code"),
    "title",
    "file_name",
    "media_type",
    "size",
    "sha256",
)
UNIT = columns(
    models.Unit,
    "code",
    "name",
    "kind",
    ("别名", lambda unit: "、".join(alias.name for alias in unit.aliases.all())),
    ("上级单位代码", "parent.code"),
    "note",
    ("曾用名", lambda unit: "；".join(f"{name}（{name.days_in_words}）" for name in unit.former_names.all())),
    ("承接单位代码", "succeeded_by.code"),
    "succeeded_on",
)
