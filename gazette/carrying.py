"""Carrying out a correction: record, children, text and ties are written, and all of the document proven again."""

from collections import defaultdict
from dataclasses import dataclass, field
from decimal import Decimal

from django.core.exceptions import ValidationError
from django.db import IntegrityError, models, transaction
from django.db.models import ProtectedError

from . import registry
from .anchoring import CannotAnchor, Rewritten, find_only
from .correcting import CannotCorrect, Overtaken, content, find, refuse_overtaken, refuse_used
from .models import Document, Passage, Tie
from .proof import candidates, proven
from .saving import sentence
from .stored import content_hash, plain_decimal
from .verification import proof_value, verify


def repeat(correction, document: Document) -> None:
    """Carry out an accepted correction, if the record is still what it was when the correction was made out."""
    kind = registry.get(correction.kind)
    if correction.is_addition:
        refuse_used(kind, correction.code)
    else:
        refuse_overtaken(kind, correction.code, document, correction.base_seq)
    result = Carrying(kind, correction.code, document, correction.difference).run()
    if result != correction.difference["result"]:
        raise Overtaken("按现在的内容重做这件更正，结果与提出时不同，请重新提出。")


@dataclass
class Carrying:
    """One correction being carried out, in a transaction of the caller's."""

    kind: registry.Kind
    code: str
    document: Document
    difference: dict
    touched: dict[tuple[str, str], models.Model] = field(default_factory=dict)
    unproven: list[str] = field(default_factory=list)  # What is to be said before it can be proven.

    def run(self) -> str:
        """Write record, children, text and ties, and have all of the document proven; the hash of what came out."""
        new = self.difference.get("added", False)
        record = self.kind.model(code=self.code) if new else find(self.kind, self.code, self.document)
        self.evidence = defaultdict(list)
        for spec in self.difference["evidence"]:
            self.evidence[spec.get("record", ""), spec.get("field", "")].append(spec)
        try:
            with transaction.atomic():
                if self.difference["removed"]:
                    self._remove(self.kind, record)
                else:
                    self._save(record)
        except ValidationError as error:
            raise CannotCorrect(sentence(error)) from None
        except IntegrityError as refused:
            raise CannotCorrect(f"数据库拒绝写入（{refused}）。") from refused
        for code, (old, new) in self.difference["texts"].items():
            self._rewrite(find(registry.get("passage"), code, self.document), old, new)
        if not self.difference["removed"]:
            self._prove(record)
        self._explain()
        if misses := verify(self.document).misses:
            raise CannotCorrect("更正之后全文核对不符，不能提交：", *map(str, misses))
        if self.difference["removed"]:
            return ""
        record = find(self.kind, self.code, self.document)
        ties = self.document.ties.filter(code__in=[self.code, *self._row_codes(record)])
        place = ("passage__position", "start", "end", "kind", "code", "field", "rule")
        places = [list(values) for values in ties.order_by(*place).values_list(*place)]
        return content_hash({**content(self.kind, self.code, self.document), "ties": places})

    # Records

    def _save(self, record) -> None:
        # A passage's text is rewritten with all that rests on it.
        text = "text" if self.kind.name == "passage" else None
        fields = {name: new for name, (_old, new) in self.difference["fields"].items() if name != text}
        if fields:
            self._set(record, fields)
            self._write(self.kind, record)
        for name, rows in self.difference["rows"].items():
            if name in self.kind.rows:
                self._save_rows(record, name, rows)
                continue
            child = registry.get(self.kind.children[name])
            stored = {row.code: row for row in getattr(record, name).all()}
            for code in rows["removed"]:
                self._remove(child, stored[code])
            for code, changed in rows["changed"].items():
                self._set(stored[code], {name: new for name, (_old, new) in changed.items()})
                self._write(child, stored[code])
            for code, fields in rows["added"].items():
                refuse_used(child, code)
                row = child.model(code=code)
                self._set(row, fields)
                self._write(child, row)

    def _save_rows(self, record, name: str, rows: dict) -> None:
        """Rows without a code, each told by the record that it refers to."""
        key, manager = self.kind.rows[name], getattr(record, name)
        stored = {getattr(row, key).code: row for row in manager.select_related(key)}
        for code in rows["removed"]:
            stored[code].delete()
        for code, changed in rows["changed"].items():
            self._set(stored[code], {name: new for name, (_old, new) in changed.items()})
            stored[code].save()
        for fields in rows["added"].values():
            row = manager.model(**{manager.field.name: record})
            self._set(row, fields)
            row.full_clean()
            row.save()

    def _set(self, row, fields: dict) -> None:
        for name, value in fields.items():
            model_field = row._meta.get_field(name)
            if model_field.related_model is not None:
                setattr(row, name, self._referred(model_field, value))
            else:
                setattr(row, name, model_field.to_python(value))

    def _referred(self, model_field, code: str | None):
        if code is None:
            return None
        model = model_field.related_model
        if model is Passage:
            return find(registry.get("passage"), code, self.document)
        found = model.objects.filter(code=code).first()
        if found is None:
            raise CannotCorrect(f"{model_field.verbose_name}“{code}”已不存在。")
        return found

    def _write(self, kind: registry.Kind, row) -> None:
        row.full_clean()
        row.save()
        self.touched[kind.name, row.code] = row

    def _remove(self, kind: registry.Kind, record) -> None:
        """Delete a record with its children and ties."""
        for name, child in kind.children.items():
            for row in getattr(record, name).all():
                self._remove(registry.get(child), row)
        for tie in Tie.objects.filter(kind=kind.name, code=record.code):
            tie.delete()
        try:
            record.delete()
        except ProtectedError as error:
            using = "、".join(sorted(f"{row._meta.verbose_name}“{row}”" for row in error.protected_objects))
            raise CannotCorrect(f"{kind.label}“{record.code}”还被引用，不能删除：{using}。") from None

    def _row_codes(self, record) -> list[str]:
        return [row.code for name in self.kind.children for row in getattr(record, name).all()]

    # Text and ties

    def _rewrite(self, passage: Passage, old: str, new: str) -> None:
        """Give a passage another text; quotes and ties follow; words that prove another record stay as they are."""
        if passage.text != old:
            raise Overtaken(f"第{passage.position}段的原文已有变化，请按现在的原文重新提出。")
        rewritten = Rewritten(old, new)
        passage.text = new
        passage.save()
        own = {(self.kind.name, self.code), *self._own_rows()}
        for kind in registry.kinds():
            if hasattr(kind.model, "quote"):
                for row in kind.model.objects.filter(passage=passage):
                    self._follow(kind, row, rewritten, own)
        broken = []
        for tie in passage.ties.all():
            place, words = rewritten.place(tie.start, tie.end), old[tie.start : tie.end]
            kept = place is not None and new[place[0] : place[1]] == words
            if tie.code and not kept and (tie.kind, tie.code) not in own:
                label = registry.get(tie.kind).label
                broken.append(f"第{passage.position}段“{words}”证明{label}“{tie.code}”的字段 {tie.field}。")
            elif place is None or (tie.code and not kept):
                tie.delete()
            elif place != (tie.start, tie.end):
                tie.start, tie.end = place
                tie.save()
        if broken:
            raise CannotCorrect("改动触及证明其他记录的文字，请从那条记录提出更正，并在那里一并改正原文：", *broken)

    def _own_rows(self) -> set[tuple[str, str]]:
        record = None if self.difference["removed"] else find(self.kind, self.code, self.document)
        return {
            (child, row.code)
            for name, child in (self.kind.children.items() if record else ())
            for row in getattr(record, name).all()
        }

    def _follow(self, kind: registry.Kind, row, rewritten: Rewritten, own: set) -> None:
        place = rewritten.place(row.start, row.end)
        if place is None:
            raise CannotCorrect(f"{kind.label}“{row.code}”的原文摘录“{row.quote}”的开头或结尾被改动，不能随原文移动。")
        quote = rewritten.new[place[0] : place[1]]
        if (row.start, row.quote) != (place[0], quote):
            row.start, row.quote = place[0], quote
            row.save()
        if (kind.name, row.code) in own:
            self.touched[kind.name, row.code] = row

    def _prove(self, record) -> None:
        """Give the fields of what was touched the words that prove them, where they have none that do."""
        if self.kind.name == "passage":
            return
        named = {code for code, _field in self.evidence if code}
        rows = [(self.kind, find(self.kind, self.code, self.document))]
        for name, child in self.kind.children.items():
            rows += [(registry.get(child), row) for row in getattr(record, name).all()]
        for kind, row in rows:
            if (kind.name, row.code) in self.touched or row.code in named:
                self._tie(kind, row)
            named.discard(row.code)
        if self.unproven:
            raise CannotCorrect(*self.unproven)
        if named:
            raise CannotCorrect(f"依据的文字中写到的代码“{'、'.join(sorted(named))}”不是本条或它的下级。")

    def _tie(self, kind: registry.Kind, record) -> None:
        held = defaultdict(list)
        for tie in Tie.objects.filter(kind=kind.name, code=record.code).select_related("passage"):
            held[tie.field].append(tie)
        labels = {str(record._meta.get_field(name).verbose_name): name for name in kind.proofs}
        typed = {labels.get(name, name): specs for (code, name), specs in self.evidence.items() if code == record.code}
        if unknown := typed.keys() - kind.proofs.keys():
            fields = "、".join(kind.proofs)
            raise CannotCorrect(f"{kind.label}没有可对应的字段“{'、'.join(sorted(unknown))}”；可写：{fields}。")
        for name, proof in kind.proofs.items():
            value = proof_value(record, name)
            if name in typed:
                places = [self._typed(kind, record, name, proof, spec) for spec in typed[name]]
            elif held[name] and _proves(held[name], proof, value, record):
                continue
            elif proof.needed_for(value) and kind.derive(record, name) is None:
                try:
                    places = [self._only(kind, record, name, proof, value)]
                except CannotCorrect as refused:
                    self.unproven += refused.messages
                    continue
            else:
                places = []
            for tie in held[name]:
                tie.delete()
            for passage, start, end, rule in places:
                tie = {"kind": kind.name, "code": record.code, "field": name, "rule": rule}
                Tie.objects.create(document=self.document, passage=passage, start=start, end=end, **tie)

    def _only(self, kind, record, name, proof, value):
        found = candidates(proof, value, getattr(record, "quote", ""))
        if len(found) != 1:
            why = f"摘录中有{len(found)}处可能的文字" if found else "摘录中没有能证明它的文字"
            model_field = record._meta.get_field(name)
            shown = plain_decimal(value) if isinstance(value, Decimal) else value
            shown = dict(model_field.flatchoices).get(shown, shown) if model_field.choices else shown
            what = f"{kind.label}“{record.code}”的{model_field.verbose_name}“{shown}”"
            where = f"{record.code}｜{model_field.verbose_name}｜原文中的字"
            raise CannotCorrect(f"{what}：{why}，请在“依据的文字”中写明：{where}。")
        start, end, rule = found[0]
        return record.passage, record.start + start, record.start + end, rule

    def _typed(self, kind, record, name, proof, spec):
        words, number = spec["text"], spec.get("passage")
        quote = getattr(record, "quote", "")
        if number is None and words in quote:
            passage, text, offset = record.passage, quote, record.start
        else:
            own = record.passage.position if hasattr(record, "quote") else 1
            passage = self._passage(own if number is None else number)
            text, offset = passage.text, 0
        start = offset + _place(text, words, spec.get("nth"))
        return passage, start, start + len(words), spec.get("rule") or proof.rule

    def _passage(self, position: int) -> Passage:
        passage = self.document.passages.filter(position=position).first()
        if passage is None:
            raise CannotCorrect(f"依据的文字：本文件没有第{position}段。")
        return passage

    def _explain(self) -> None:
        """Tie the words that the correction says are no figure."""
        for spec in self.evidence["", ""]:
            passage = self._passage(spec["passage"])
            start = _place(passage.text, spec["text"], spec.get("nth"))
            place = {"passage": passage, "start": start, "end": start + len(spec["text"]), "reason": spec["reason"]}
            if not Tie.objects.filter(**place).exists():
                Tie.objects.create(document=self.document, **place)


def _place(text: str, words: str, nth: int | None) -> int:
    try:
        return find_only(text, words, nth)
    except CannotAnchor as error:
        raise CannotCorrect(f"依据的文字：{str(error).replace('用 nth 指明', '在最后写明')}。") from None


def _proves(ties: list[Tie], proof, value, record) -> bool:
    """Whether the words of ties prove a value as it is now."""
    if value is None or value == "" or len({tie.rule for tie in ties}) != 1:
        return False
    pieces = [tie.passage.text[tie.start : tie.end] for tie in ties]
    unit = getattr(record, "unit", "")
    try:
        return proven(ties[0].rule, pieces, value, words=proof.words, unit=unit if isinstance(unit, str) else "")
    except ValueError:
        return False
