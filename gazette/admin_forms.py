"""The forms of documents, passages and ties, and what a changed passage means for its neighbours and its records."""

from os.path import commonprefix

from django import forms

from . import reading, registry
from .forms import OwnedForm, QuotingForm, RecordForm
from .models import Document, Passage, PassageKind, Tie


class DocumentForm(RecordForm):
    """A document, and text to append to it."""

    full_text = forms.CharField(
        label="粘贴原文",
        required=False,
        widget=forms.Textarea(attrs={"rows": 10, "class": "vLargeTextField"}),
        help_text="每段一行；保存时按行分段，接在已有段落之后，再到各段中核对类别、序号和层级。",
    )

    class Meta:
        model = Document
        exclude = ()


class PassageForm(OwnedForm):
    """A passage; its number is minted, its heading and outline follow from order and level."""

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        if "order" in self.fields:
            self.fields["order"].required = False
            self.fields["order"].help_text = "留空接在最后。"
        if self.instance._state.adding:
            last = self.owner.passages.order_by("-position").first()
            self.instance.position = last.position + 1 if last else 1

    def clean(self):
        """Put a new passage last unless told otherwise."""
        cleaned = super().clean()
        if cleaned.get("order") is None and "order" not in self.errors:
            last = self.owner.passages.order_by("-order").first()
            cleaned["order"] = self.instance.order or (last.order + 1 if last else 1)
        return cleaned


class TieForm(QuotingForm):
    """A place, given by its words, and what stands there."""

    quote = forms.CharField(label="文字", widget=forms.Textarea)
    kind = forms.ChoiceField(
        label="记录类别",
        required=False,
        help_text="这几个字证明哪一类记录的字段，如 增长6%以上 证明的是目标；只说明不是数字的留空。",
    )

    class Meta:
        model = Tie
        exclude = ()

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        known = [(kind.name, kind.label) for kind in registry.kinds() if kind.proofs]
        self.fields["kind"].choices = [("", "---------"), *known]
        if self.instance.pk:
            self.initial["quote"] = self.instance.passage.text[self.instance.start : self.instance.end]

    def clean(self):
        """Find the place, and the record that is named."""
        cleaned = super().clean()
        here = self.instance
        if here.start is not None and cleaned.get("quote"):
            here.end = here.start + len(cleaned["quote"].strip())
        else:
            here.end = None
        if cleaned.get("kind") and cleaned.get("code"):
            kind = registry.get(cleaned["kind"])
            if not kind.model.objects.of_document(self.source.document).filter(code=cleaned["code"]).exists():
                self.add_error("code", f"本文件没有代码为“{cleaned['code']}”的{kind.label}。")
            if cleaned.get("field") and cleaned["field"] not in kind.proofs:
                fields = "、".join(kind.proofs)
                self.add_error("field", f"{kind.label}没有可对应的字段“{cleaned['field']}”；可写：{fields}。")
        return cleaned


def append_passages(document, text):
    """Add each line of a pasted text as a passage after those that the document has; returns how many."""
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    if not lines:
        return 0
    last = document.passages.order_by("-position").first()
    position = last.position if last else 0
    order = max((passage.order for passage in document.passages.all()), default=0)
    for number, read in enumerate(reading._document(lines).passages, 1):
        Passage.objects.create(
            document=document,
            order=order + number,
            position=position + number,
            kind=read.kind,
            label=read.label,
            level=read.level,
            text=read.text,
        )
    arrange(document)
    return len(lines)


def arrange(document):
    """Give each passage the heading, outline and part that follow from its order, kind, label and level."""
    passages = list(document.passages.order_by("order"))
    read, sections = [], {}
    for index, passage in enumerate(passages):
        if passage.level:
            sections = {level: at for level, at in sections.items() if level < passage.level}
        inside = passage.kind in (PassageKind.HEADING, PassageKind.PARAGRAPH)
        parent = sections[max(sections)] if sections and inside else None
        if passage.kind == PassageKind.HEADING:
            sections[passage.level] = index
        read.append(reading.ReadPassage(passage.kind, passage.text, passage.label, passage.level, parent))
    for passage, here, (outline, part) in zip(passages, read, reading.places(tuple(read)), strict=True):
        parent = passages[here.parent] if here.parent is not None else None
        if (passage.parent_id, passage.outline, passage.part) != (parent and parent.pk, outline, part):
            passage.parent, passage.outline, passage.part = parent, outline, part
            passage.save()


def follow_text(passage, old):
    """Move the quotes and ties of a passage whose text was changed; returns the codes of those that the change broke.

    What lies wholly before or behind the changed words keeps its words.
    """
    new = passage.text
    head = len(commonprefix([old, new]))
    tail = len(commonprefix([old[head:][::-1], new[head:][::-1]]))
    shift, broken = len(new) - len(old), []
    quoting = [kind.model for kind in registry.kinds() if hasattr(kind.model, "quote")]
    for model in (*quoting, Tie):
        for row in model.objects.filter(passage=passage):
            if row.end <= head:
                continue
            if row.start < len(old) - tail:
                broken.append(row.code or row.get_reason_display())
                continue
            row.start += shift
            if model is Tie:
                row.end += shift
            row.save()
    return broken


def ties_of(record, code):
    """The ties that name a record by a code; none where records of its model are never tied."""
    try:
        kind = registry.of(type(record))
    except KeyError:
        return Tie.objects.none()
    return Tie.objects.filter(kind=kind.name, code=code)


def rename_ties(record, old_code):
    """Have the ties of a record whose code was changed name the new one."""
    for tie in ties_of(record, old_code) if old_code and old_code != record.code else ():
        tie.code = record.code
        tie.save()


def drop_ties(record):
    """Delete the ties of a record that is deleted."""
    for tie in ties_of(record, getattr(record, "code", "")):
        tie.delete()
