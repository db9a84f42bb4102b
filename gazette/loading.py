"""From fixtures to records: typed by people, placed in the passages, validated like a form, written with history.

Fixtures hold content, never status. Loading is one transaction and can be run again: what is the same stays untouched,
a draft is brought in step, a published record that differs is refused.
"""

from collections.abc import Iterable, Iterator
from pathlib import Path

from django.core.exceptions import ValidationError
from django.db import models, transaction
from simple_history.utils import bulk_create_with_history

from . import publication, registry, verification
from .anchoring import CannotAnchor, anchor_fields, find_only
from .fixture_files import FIXTURES, CannotLoad, document_files, read_json
from .models import Change, Document, DocumentStatus, Origin, Passage, Tie, Unit, UnitAlias
from .reading import ReadPassage, places
from .saving import Loaded, save, validate, write

# What a row of a fixture says beside the fields of its model.
NOT_FIELDS = {"ties", "nth"}


def load_founding_documents(directory: Path = FIXTURES) -> str | None:
    """Load and publish the documents of a directory into an empty ledger; where it is not empty, do nothing: None."""
    with transaction.atomic():
        if Change.objects.exists():
            return None
        loaded = load_directory(directory)
        for document in loaded.documents:
            report = verification.verify(document)
            if report.misses:
                raise CannotLoad(f"{document.code} 未通过核对：{report.misses[0]}")
            publication.publish(document, origin=Origin.FOUNDING)
        return f"已装载并发布{len(loaded.documents)}份文件（{loaded}）"


def load_directory(directory: Path = FIXTURES) -> Loaded:
    """Load units and every document of a directory, in one transaction."""
    loaded = Loaded()
    with transaction.atomic():
        load_units(read_json(directory / "units.json"), loaded)
        for path in document_files(directory):
            content = read_json(path)
            passages = read_json(path.with_suffix(".passages.json"))
            loaded.documents.append(DocumentLoader(path.name, content, passages, loaded).run())
    return loaded


def load_units(rows: list[dict], loaded: Loaded) -> None:
    """Load the rows of a file of units, which stands above those of its documents."""
    known = {unit.code: unit for unit in Unit.objects.for_list()}
    for row in rows:
        check_row(Unit, row, "units.json", {"aliases"})
        row = dict(row)
        aliases, parent = row.pop("aliases", []), row.pop("parent", None)
        if parent and parent not in known:
            raise CannotLoad(f"units.json 中 {row['code']} 的上级单位 {parent} 不在它之前。")
        unit = Unit(**row, parent=known.get(parent))
        old = known.get(unit.code)
        for name in Unit.content_if_filled if old else ():
            setattr(unit, name, getattr(old, name))  # Said at the desk alone.
        known[unit.code] = unit = save(unit, old, loaded, "units.json", is_not_public)
        present = {alias.name for alias in unit.aliases.all()}
        for name in [name for name in aliases if name not in present]:
            alias = UnitAlias(unit=unit, name=name)
            validate(alias, f"units.json {unit.code}")
            write(alias, f"units.json {unit.code} 的别名 {name}")


def is_not_public(entry: models.Model) -> bool:
    """Whether an entry of a register may still be changed by loading."""
    return not type(entry).objects.public().filter(pk=entry.pk).exists()


def check_row(model: type[models.Model], row: dict, where: str, extra: set[str] = frozenset()) -> None:
    """Refuse a row without a code, or with a field that its model does not have."""
    if not row.get("code"):
        raise CannotLoad(f"{where} 中有一条{model._meta.verbose_name}没有 code。")
    # Of an entry of a register, the desk alone says what no form of its own offers (who succeeded a unit).
    typed = [field for field in model._meta.concrete_fields if field.editable or not hasattr(model, "register_kind")]
    known = {model_field.name for model_field in typed} | extra
    if unknown := [name for name in row if name not in known]:
        raise CannotLoad(f"{where} {row['code']} 有未知的字段 {unknown[0]}。")


def convert(new: models.Model, where: str) -> models.Model:
    """Turn what JSON holds into the fields' own types, so that it compares with what is stored."""
    for model_field in new._meta.concrete_fields:
        if not model_field.is_relation and getattr(new, model_field.name) is not None:
            try:
                setattr(new, model_field.name, model_field.to_python(getattr(new, model_field.name)))
            except ValidationError as error:
                raise CannotLoad(f"{where}：{model_field.verbose_name}：{'、'.join(error.messages)}") from None
    return new


class DocumentLoader:
    """Writes one document's passages, records and ties.

    What it asks of the database and what it writes there goes through `stored…` and `save…`, so that
    `gazette.bulk` can collect many documents and write them together.
    """

    def __init__(self, name: str, content: dict, passages: list[dict], loaded: Loaded):
        self.name, self.content, self.rows, self.loaded = name, content, passages, loaded
        self.known: dict[str, dict[str, models.Model]] = {"unit": self.stored_units()}
        self.ties: list[Tie] = []

    def stored_units(self) -> dict[str, Unit]:
        """Every unit by its code, with aliases."""
        return {unit.code: unit for unit in Unit.objects.for_list()}

    def stored(self, kind: registry.Kind, code: str) -> models.Model | None:
        """The record that the database holds under a code."""
        return kind.model.objects.filter(code=code).first()

    def stored_passages(self) -> dict[int, Passage]:
        """The passages that the database holds of the document."""
        return {passage.position: passage for passage in self.document.passages.all()}

    def stored_codes(self, kind: registry.Kind) -> set[str]:
        """The codes of the records that the database holds of the document."""
        return set(kind.model.objects.of_document(self.document).values_list("code", flat=True))

    def stored_ties(self) -> Iterable[Tie]:
        """The ties that the database holds of the document."""
        return self.document.ties.select_related("passage")

    def save(self, new: models.Model, old: models.Model | None, may_change) -> models.Model:
        """Write what is new or differs."""
        return save(new, old, self.loaded, self.name, may_change)

    def save_ties(self, ties: list[Tie]) -> None:
        """Write new ties."""
        bulk_create_with_history(ties, Tie, batch_size=500)

    def run(self) -> Document:
        self.document = self._load_document()
        self.passages = self._load_passages()
        self.texts = {position: passage.text for position, passage in self.passages.items()}
        for kind, row, parent in self._ordered_rows():
            self._load_record(kind, row, parent)
        self._tie_document()
        self._refuse_leftovers()
        self._tie_reasons()
        self._write_ties()
        return self.document

    def _may_change(self, _record=None) -> bool:
        return self.document.status == DocumentStatus.DRAFT

    def _load_document(self) -> Document:
        row = {key: value for key, value in self.content["document"].items() if key not in {"source", "ties"}}
        check_row(Document, row, self.name)
        where = f"{self.name} {row['code']}"
        for name in ("issuer", "approved_by"):
            if row.get(name):
                row[name] = self._reference("unit", row[name], where)
        self.document = old = self.stored(registry.get("document"), row["code"])
        new = Document(**row, status=old.status if old else DocumentStatus.DRAFT)
        return self.save(convert(new, where), old, self._may_change)

    def _load_passages(self) -> dict[int, Passage]:
        known = self.stored_passages()
        read = tuple(
            ReadPassage(
                row["kind"],
                row["text"],
                row["label"],
                row["level"],
                None if row["parent"] is None else row["parent"] - 1,
            )
            for row in self.rows
        )
        new = []
        for row, (outline, part) in zip(self.rows, places(read), strict=True):
            passage = Passage(
                document=self.document,
                order=row["position"],
                position=row["position"],
                kind=row["kind"],
                label=row["label"],
                level=row["level"],
                outline=outline,
                part=part,
                parent=known.get(row["parent"]),
                text=row["text"],
            )
            old = known.get(passage.position)
            known[passage.position] = self.save(passage, old, self._may_change)
            new.append(passage.position)
        if surplus := known.keys() - set(new):
            raise CannotLoad(f"{self.name} 缺少库中已有的第{min(surplus)}段；段号一经编定不能收回。")
        return known

    def _ordered_rows(self) -> Iterator[tuple[registry.Kind, dict, models.Model | None]]:
        """Rows in the order of the registry; one that refers to a later one of its kind waits for it."""
        unknown = self.content["records"].keys() - {kind.name for kind in registry.kinds()}
        if unknown:
            raise CannotLoad(f"{self.name} 有未知的记录类别：{'、'.join(sorted(unknown))}。")
        for kind in registry.kinds():
            waiting = list(self.content["records"].get(kind.name, []))
            for row in waiting:
                check_row(kind.model, row, self.name, NOT_FIELDS | kind.children.keys())
            while waiting:
                ready = [row for row in waiting if self._references_known(kind, row, waiting)]
                if not ready:
                    raise CannotLoad(f"{self.name} 中 {waiting[0]['code']} 等记录互相引用，无法确定先后。")
                for row in ready:
                    yield kind, row, None
                waiting = [row for row in waiting if row not in ready]

    def _references_known(self, kind: registry.Kind, row: dict, waiting: list[dict]) -> bool:
        codes = {other["code"] for other in waiting}
        return not any(
            row.get(model_field.name) in codes
            for model_field in kind.model._meta.concrete_fields
            if model_field.related_model is kind.model
        )

    def _load_record(self, kind: registry.Kind, row: dict, parent: models.Model | None, position: int = 0) -> None:
        check_row(kind.model, row, self.name, NOT_FIELDS | kind.children.keys())
        row = dict(row)
        children = {name: row.pop(name, []) for name in kind.children}
        ties = row.pop("ties", {})
        where = f"{self.name} {row['code']}"
        values = {key: value for key, value in row.items() if key not in NOT_FIELDS}
        fields = {model_field.name: model_field for model_field in kind.model._meta.concrete_fields}
        if "quote" in fields:
            passage = self._passage(row.get("passage") or parent.passage.position, where)
            values["passage"], values["document"] = passage, self.document
            if not row.get("quote"):
                raise CannotLoad(f"{where}：{fields['quote'].verbose_name}没有填写。")
            if row["quote"] == "*":
                values["quote"] = passage.text
            values["start"] = self._place(passage.text, values["quote"], row.get("nth"), where)
        if parent is not None:
            values[kind.parent] = parent
        if "position" in fields:
            values["position"] = position
        for name, value in values.items():
            related = fields[name].related_model
            if isinstance(value, str) and related is not None:
                values[name] = self._reference(registry.of(related).name, value, where)
        new = kind.model(**values)
        new = self._save_record(kind, new, where)
        self._tie_record(kind, new, ties, where)
        for name, rows in children.items():
            for number, child_row in enumerate(rows, 1):
                self._load_record(registry.get(kind.children[name]), child_row, new, number)

    def _save_record(self, kind: registry.Kind, new: models.Model, where: str) -> models.Model:
        old = self.stored(kind, new.code)
        if old is not None and not kind.is_register and old.document_id != self.document.pk:
            raise CannotLoad(f"{where} 的代码已用于文件 {old.document.code} 的记录；代码不能重用，请另取一个。")
        saved = self.save(convert(new, where), old, is_not_public if kind.is_register else self._may_change)
        self.known.setdefault(kind.name, {})[saved.code] = saved
        return saved

    def _reference(self, kind_name: str, code: str, where: str) -> models.Model:
        known = self.known.setdefault(kind_name, {})
        if code not in known:
            found = self.stored(registry.get(kind_name), code)
            if found is None:
                raise CannotLoad(f"{where} 引用的{registry.get(kind_name).label} {code} 不存在。")
            known[code] = found
        return known[code]

    def _passage(self, position: int, where: str) -> Passage:
        if position not in self.passages:
            raise CannotLoad(f"{where}：没有第{position}段。")
        return self.passages[position]

    def _place(self, text: str, words: str, nth: int | None, where: str) -> int:
        try:
            return find_only(text, words, nth)
        except CannotAnchor as error:
            raise CannotLoad(f"{where}：{error}") from None

    def _tie_record(self, kind: registry.Kind, record, typed: dict, where: str) -> None:
        if not kind.proofs:
            return
        proofs = {
            name: proof for name, proof in kind.proofs.items() if name in typed or kind.derive(record, name) is None
        }
        values = {name: verification.proof_value(record, name) for name in proofs if name not in typed}
        place = (record.passage.position, record.start, record.quote) if hasattr(record, "quote") else (1, 0, "")
        try:
            anchors = anchor_fields(values, proofs, typed, self.texts, *place)
        except CannotAnchor as error:
            raise CannotLoad(f"{where}：{error}") from None
        for anchor in anchors:
            self.ties.append(
                Tie(
                    document=self.document,
                    passage=self._passage(anchor.position, where),
                    start=anchor.start,
                    end=anchor.end,
                    kind=kind.name,
                    code=record.code,
                    field=anchor.field,
                    rule=anchor.rule,
                )
            )

    def _tie_document(self) -> None:
        ties = self.content["document"].get("ties", {})
        self._tie_record(registry.get("document"), self.document, ties, f"{self.name} {self.document.code}")

    def _tie_reasons(self) -> None:
        for row in self.content.get("reasons", []):
            where = f"{self.name} 理由“{row['text']}”"
            passage = self._passage(row["passage"], where)
            start = self._place(passage.text, row["text"], row.get("nth"), where)
            end = start + len(row["text"])
            self.ties.append(Tie(document=self.document, passage=passage, start=start, end=end, reason=row["reason"]))

    def _refuse_leftovers(self) -> None:
        """A record that the fixture no longer has is a difference that a person must decide."""
        for kind in registry.kinds():
            if kind.is_register or kind.name in {"document", "passage"} or not kind.proofs:
                continue
            if surplus := self.stored_codes(kind) - self.known.get(kind.name, {}).keys():
                raise CannotLoad(
                    f"{self.name} 缺少库中已有的{kind.label} {min(surplus)}；请先在后台删除它，或补回文件。"
                )

    def _write_ties(self) -> None:
        def key(tie: Tie) -> tuple:
            return (tie.passage.position, tie.start, tie.end, tie.kind, tie.code, tie.field, tie.rule, tie.reason)

        stored = {key(tie): tie for tie in self.stored_ties()}
        wanted = {key(tie): tie for tie in self.ties}
        new = [tie for place, tie in wanted.items() if place not in stored]
        gone = [tie for place, tie in stored.items() if place not in wanted]
        if (new or gone) and not self._may_change():
            first = (new or gone)[0]
            raise CannotLoad(
                f"{self.name} 的对应与已公开的不同，首处在段落 {first.passage}，{first.code or first.reason}。"
            )
        for tie in gone:
            tie.delete()
        self._validate_ties(new)
        self.save_ties(new)
        self.loaded.added += len(new)
        self.loaded.unchanged += len(wanted) - len(new)

    def _validate_ties(self, ties: Iterable[Tie]) -> None:
        for tie in ties:
            try:
                tie.clean_fields(exclude=["document", "passage"])
            except ValidationError as error:
                raise CannotLoad(f"{self.name} 的对应 {tie.code or tie.reason}：{'、'.join(error.messages)}") from None
