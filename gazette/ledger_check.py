"""The proof that what is public is what the ledger says, and that the tables and files behind it are the same.

Changes nothing. Reads the ledger once in order, then document by document what is public of each.
"""

from collections import defaultdict
from collections.abc import Iterator

from . import filestore, publication, registry
from .models import GONE, Attachment, Change, Document, DocumentStatus, LedgerHead, Merger, PublicRecord, SearchEntry
from .stored import canonical, content_hash, document_codes, stored_form

CHUNK = 500


def misses(alias: str) -> Iterator[str]:
    """What is off, each as a sentence; `alias` is the database alias to read by."""
    last: dict[tuple[str, str], tuple] = {}
    yield from _line_misses(alias, last)
    public = {}
    for row in PublicRecord.objects.using(alias).select_related("document").iterator(CHUNK):
        public[row.kind, row.code] = row.seq
        yield from _projection_misses(row, last.get((row.kind, row.code)))
    for (kind, code), line in last.items():
        if line[1] not in GONE and (kind, code) not in public:
            yield f"更新记录第{line[0]}条说{_named(kind, code)}公开，公开记录中却没有它。"
    yield from _content_misses(alias, public)
    yield from _visible_misses(alias, public)
    yield from _file_misses(alias)


def count(alias: str) -> tuple[int, int]:
    """How many lines and public records there are to prove."""
    return Change.objects.using(alias).count(), PublicRecord.objects.using(alias).count()


def _named(kind: str, code: str) -> str:
    known = {known.name: known.label for known in registry.kinds()}
    return f"{known.get(kind, kind)}“{code}”"


def _line_misses(alias: str, last: dict) -> Iterator[str]:
    """Lines without a gap up to the head, revisions without a gap for each code; fills `last` by kind and code."""
    expected = 1
    fields = ("seq", "kind", "code", "op", "revision", "hash", "path")
    for seq, kind, code, op, revision, digest, path in (
        Change.objects.using(alias).order_by("seq").values_list(*fields).iterator(CHUNK)
    ):
        if seq != expected:
            yield f"更新记录缺第{expected}条{f'至第{seq - 1}条' if seq - 1 > expected else ''}。"
        expected = seq + 1
        before = last.get((kind, code))
        due = before[2] + 1 if before else 1
        if revision != due:
            yield f"更新记录第{seq}条：{_named(kind, code)}应为第{due}版，写的是第{revision}版。"
        was_public = before is not None and before[1] not in GONE
        if was_public == (op == "publish"):
            state = "已公开" if was_public else "没有公开"
            yield f"更新记录第{seq}条：{_named(kind, code)}当时{state}，不能{Change(op=op).get_op_display()}。"
        if before is not None and before[1] == "delete" and not Merger.objects.using(alias).undid(before[0]):
            yield f"更新记录第{seq}条：{_named(kind, code)}已删除，代码不能再用。"
        last[kind, code] = (seq, op, revision, digest, path)
    head = LedgerHead.objects.using(alias).values_list("seq", flat=True).first() or 0
    if head != expected - 1:
        yield f"更新记录头写的是第{head}条，最后一条是第{expected - 1}条。"


def _projection_misses(row: PublicRecord, line: tuple | None) -> Iterator[str]:
    """A public record against the last line of its code."""
    name = _named(row.kind, row.code)
    if line is None:
        yield f"{name}公开，更新记录中却没有它。"
        return
    seq, op, revision, digest, path = line
    if op in GONE:
        yield f"{name}公开，更新记录第{seq}条却已把它{Change(op=op).get_op_display()}。"
    for label, stored, said in (
        ("更新序号", row.seq, seq),
        ("版次", row.revision, revision),
        ("内容摘要", row.hash, digest),
    ):
        if stored != said:
            yield f"{name}的{label}是 {stored}，更新记录第{seq}条是 {said}。"
    if row.document is not None and row.document.status != DocumentStatus.PUBLISHED:
        yield f"{name}公开，它的文件“{row.document.code}”却{row.document.get_status_display()}。"


def _content_misses(alias: str, public: dict[tuple[str, str], int]) -> Iterator[str]:
    """Every record in the tables against what is public of it, and the other way round."""
    found = set()
    for document in Document.objects.using(alias).filter(status=DocumentStatus.PUBLISHED).order_by("code"):
        records = publication.records_of(document)
        shown = {
            (row.kind, row.code): row for row in PublicRecord.objects.using(alias).filter(document=document).iterator()
        }
        codes = document_codes(document)
        for kind in registry.kinds():
            if kind.form is not None and not kind.is_register:
                found |= {(kind.name, record.code) for record in records[kind.name]}
                yield from _record_misses(kind, records[kind.name], shown, codes)
    for kind in registry.kinds():
        if kind.is_register:
            entries = kind.model.objects.using(alias).mentioned().for_publication()
            rows = PublicRecord.objects.using(alias).filter(kind=kind.name)
            records = list(entries)
            found |= {(kind.name, record.code) for record in records}
            yield from _record_misses(kind, records, {(row.kind, row.code): row for row in rows.iterator()}, {})
    for kind, code in sorted(public.keys() - found):
        yield f"{_named(kind, code)}公开，已发布的文件中却没有这条记录。"


def _record_misses(kind: registry.Kind, records: list, shown: dict, codes: dict) -> Iterator[str]:
    for record in records:
        row = shown.get((kind.name, record.code))
        name = _named(kind.name, record.code)
        if row is None:
            yield f"{name}在已发布的文件中，却没有公开。"
            continue
        if content_hash(stored_form(record, kind, codes)) != row.hash:
            yield f"{name}库中的内容与公开时的摘要不符。"
        elif canonical(kind.form(record)) != row.body:
            yield f"{name}公开的内容与库中的记录不符。"
        if record.get_absolute_url() != row.path:
            yield f"{name}的页面是 {record.get_absolute_url()}，公开记录写的是 {row.path}。"
        # A record without a place is missing from its list, which is said there.
        if getattr(record, "place", None) is not None:
            listing = record.listing()
            for field in record.kept_by_publication:
                if getattr(record, field) != listing[field]:
                    label = record._meta.get_field(field).verbose_name
                    yield f"{name}在列表中的“{label}”应为 {listing[field]}，库中写的是 {getattr(record, field)}。"


def _visible_misses(alias: str, public: dict[tuple[str, str], int]) -> Iterator[str]:
    """Lists and search show what is public, no more and no less."""
    codes = defaultdict(set)
    for kind, code in public:
        codes[kind].add(code)
    for kind in registry.kinds():
        if kind.form is not None and hasattr(kind.model, "kept_by_publication"):
            listed = set(kind.model.objects.using(alias).public().order_by().values_list("code", flat=True))
            for code in sorted(listed - codes[kind.name]):
                yield f"{_named(kind.name, code)}列在公开的列表中，却没有公开。"
            for code in sorted(codes[kind.name] - listed):
                yield f"{_named(kind.name, code)}公开，却不在公开的列表中。"
    for kind, code in SearchEntry.objects.using(alias).order_by().values_list("kind", "code").iterator():
        if code not in codes[kind]:
            yield f"{_named(kind, code)}检索得到，却没有公开。"


def _file_misses(alias: str) -> Iterator[str]:
    """The bytes of every attachment against its hash, of drafts too: what is lost is found before it is public."""
    for attachment in Attachment.objects.using(alias).order_by("code").iterator(CHUNK):
        if fault := filestore.fault(attachment.sha256):
            name = f"附件“{attachment.code}”的文件“{attachment.file_name}”"
            yield f"{name}{fault}；请从备份恢复 {attachment.sha256[:2]}/{attachment.sha256}。"
