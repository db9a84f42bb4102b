"""From fixtures to records: typed by people, placed in the passages, validated like a form, written with history.

Fixtures hold content, never status. Loading is one transaction and can be run again: what is the same stays untouched,
a draft is brought in step, a published record that differs is refused.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from django.core.exceptions import ValidationError
from django.db import IntegrityError, models, transaction
from simple_history.utils import bulk_create_with_history

from . import publication, registry, verification
from .anchoring import CannotAnchor, anchor_fields, find_only
from .fixture_files import FIXTURES, CannotLoad, document_files, read_json
from .models import Change, Document, DocumentStatus, Origin, Passage, Tie, Unit, UnitAlias
from .reading import ReadPassage, places

# What a row of a fixture says beside the fields of its model.
NOT_FIELDS = {"ties", "nth"}


@dataclass
class Loaded:
    """What loading did, by number of records."""

    added: int = 0
    changed: int = 0
    unchanged: int = 0
    documents: list[Document] = field(default_factory=list)

    def __str__(self):
        return f"新增{self.added}条，更改{self.changed}条，未变{self.unchanged}条"


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
        _load_units(read_json(directory / "units.json"), loaded)
        for path in document_files(directory):
            content = read_json(path)
            passages = read_json(path.with_suffix(".passages.json"))
            loaded.documents.append(_DocumentLoader(path, content, passages, loaded).run())
    return loaded


def _load_units(rows: list[dict], loaded: Loaded) -> None:
    known = {unit.code: unit for unit in Unit.objects.for_list()}
    for row in rows:
        row = dict(row)
        aliases, parent = row.pop("aliases", []), row.pop("parent", None)
        if parent and parent not in known:
            raise CannotLoad(f"units.json 中 {row['code']} 的上级单位 {parent} 不在它之前。")
        unit = Unit(**row, parent=known.get(parent))
        known[unit.code] = unit = _save(unit, known.get(unit.code), loaded, "units.json", lambda unit: True)
        present = {alias.name for alias in unit.aliases.all()}
        for name in [name for name in aliases if name not in present]:
            alias = UnitAlias(unit=unit, name=name)
            _validate(alias, f"units.json {unit.code}")
            _write(alias, f"units.json {unit.code} 的别名 {name}")


def _validate(instance: models.Model, where: str) -> None:
    """The validation of a form, but for the constraints, which the database checks (`_write`)."""
    references = [field.name for field in instance._meta.concrete_fields if field.is_relation]
    for name in references:
        model_field = instance._meta.get_field(name)
        if not model_field.null and getattr(instance, model_field.attname) is None:
            raise CannotLoad(f"{where}：{model_field.verbose_name}没有填写。")
    try:
        instance.clean_fields(exclude=references)
        instance.clean()
    except ValidationError as error:
        raise CannotLoad(f"{where}：{_sentence(error)}") from None


def _sentence(error: ValidationError) -> str:
    """The messages of a validation error, each after its field's name."""
    return "；".join(
        f"{name}：{'、'.join(messages)}" if name != "__all__" else "、".join(messages)
        for name, messages in error.message_dict.items()
    )


def _write(instance: models.Model, where: str) -> None:
    """Save; what the database refuses is said in the constraint's own words.

    Asking each constraint beforehand would take a query for each: four times as long for the founding documents.
    """
    try:
        with transaction.atomic():
            instance.save()
    except IntegrityError as refused:
        try:
            instance.validate_unique()
            instance.validate_constraints()
        except ValidationError as error:
            raise CannotLoad(f"{where}：{_sentence(error)}") from None
        raise CannotLoad(f"{where}：数据库拒绝写入（{refused}）。") from refused


def _differences(new: models.Model, old: models.Model) -> dict[str, tuple]:
    """The fields in which a fixture differs from what is stored: name → (stored, fixture)."""
    skip = {"id", *publication.NOT_CONTENT}
    found = {}
    for model_field in old._meta.concrete_fields:
        name = model_field.attname
        if model_field.name not in skip and getattr(old, name) != model_field.to_python(getattr(new, name)):
            found[str(model_field.verbose_name)] = (getattr(old, name), getattr(new, name))
    return found


def _save(new: models.Model, old: models.Model | None, loaded: Loaded, where: str, may_change) -> models.Model:
    """Write a record if it is new or differs; `may_change(old)` refuses where it is public."""
    if old is not None:
        differences = _differences(new, old)
        if not differences:
            loaded.unchanged += 1
            return old
        if not may_change(old):
            name, (stored, typed) = next(iter(differences.items()))
            raise CannotLoad(
                f"{where} {old.code} 已公开，不能由装载改写：“{name}”库中为“{stored}”，文件中为“{typed}”。"
                "已公开的记录只能更正。"
            )
        new.pk = old.pk
    _validate(new, f"{where} {new.code}")
    _write(new, f"{where} {new.code}")
    if old is None:
        loaded.added += 1
    else:
        loaded.changed += 1
    return new


class _DocumentLoader:
    """Writes one document's passages, records and ties."""

    def __init__(self, path: Path, content: dict, passages: list[dict], loaded: Loaded):
        self.name, self.content, self.rows, self.loaded = path.name, content, passages, loaded
        self.units = {unit.code: unit for unit in Unit.objects.for_list()}
        self.known: dict[str, dict[str, models.Model]] = {"unit": self.units}
        self.ties: list[Tie] = []

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
        for name in ("issuer", "approved_by"):
            if row.get(name):
                row[name] = self._reference("unit", row[name], row["code"])
        self.document = old = Document.objects.filter(code=row["code"]).first()
        new = Document(**row, status=old.status if old else DocumentStatus.DRAFT)
        new.clean_fields()
        return _save(new, old, self.loaded, self.name, self._may_change)

    def _load_passages(self) -> dict[int, Passage]:
        known = {passage.position: passage for passage in self.document.passages.all()}
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
            known[passage.position] = _save(passage, old, self.loaded, self.name, self._may_change)
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
        row = dict(row)
        children = {name: row.pop(name, []) for name in kind.children}
        ties = row.pop("ties", {})
        where = f"{self.name} {row['code']}"
        values = {key: value for key, value in row.items() if key not in NOT_FIELDS}
        fields = {model_field.name: model_field for model_field in kind.model._meta.concrete_fields}
        if "quote" in fields:
            passage = self._passage(row.get("passage") or parent.passage.position, where)
            values["passage"], values["document"] = passage, self.document
            if row["quote"] == "*":
                values["quote"] = passage.text
            values["start"] = self._place(passage.text, values["quote"], row.get("nth"), where)
        if parent is not None:
            values[kind.parent] = parent
        if "position" in fields:
            values["position"] = position
        for name, value in values.items():
            if name not in fields:
                raise CannotLoad(f"{where} 有未知的字段 {name}。")
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
        for model_field in new._meta.concrete_fields:
            if not model_field.is_relation and getattr(new, model_field.name) is not None:
                try:
                    setattr(new, model_field.name, model_field.to_python(getattr(new, model_field.name)))
                except ValidationError as error:
                    raise CannotLoad(f"{where}：{model_field.verbose_name}：{'、'.join(error.messages)}") from None
        old = kind.model.objects.filter(code=new.code).first()
        may_change = (
            (lambda old: not kind.model.objects.public().filter(pk=old.pk).exists())
            if kind.is_register
            else (self._may_change)
        )
        saved = _save(new, old, self.loaded, where.split()[0], may_change)
        self.known.setdefault(kind.name, {})[saved.code] = saved
        return saved

    def _reference(self, kind_name: str, code: str, where: str) -> models.Model:
        known = self.known.setdefault(kind_name, {})
        if code not in known:
            found = registry.get(kind_name).model.objects.filter(code=code).first()
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
            stored = set(kind.model.objects.of_document(self.document).values_list("code", flat=True))
            if surplus := stored - self.known.get(kind.name, {}).keys():
                raise CannotLoad(
                    f"{self.name} 缺少库中已有的{kind.label} {min(surplus)}；请先在后台删除它，或补回文件。"
                )

    def _write_ties(self) -> None:
        def key(tie: Tie) -> tuple:
            return (tie.passage_id, tie.start, tie.end, tie.kind, tie.code, tie.field, tie.rule, tie.reason)

        stored = {key(tie): tie for tie in self.document.ties.all()}
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
        bulk_create_with_history(new, Tie, batch_size=500)
        self.loaded.added += len(new)
        self.loaded.unchanged += len(wanted) - len(new)

    def _validate_ties(self, ties: Iterable[Tie]) -> None:
        for tie in ties:
            try:
                tie.clean_fields(exclude=["document", "passage"])
            except ValidationError as error:
                raise CannotLoad(f"{self.name} 的对应 {tie.code or tie.reason}：{'、'.join(error.messages)}") from None
