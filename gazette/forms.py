"""The forms of the desk: every rule said beside its field, and quotes placed in the passage by their words."""

import re
from decimal import Decimal

from django import forms
from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.db.models import CheckConstraint, Max, Q
from django.forms.models import InlineForeignKeyField, construct_instance
from django.utils.functional import cached_property

from .models import DocumentStatus
from .stored import plain_decimal

ELLIPSIS = re.compile(r"\s*(?:…+|\.{3,})\s*")
WHOLE_PASSAGE = "*"
QUOTE_HELP = (
    "照抄原文；较长的可只写开头和结尾，中间用 … 隔开；整段写一个 *。"
    "也可以在原文栏中选中文字，再按“取用所选原文”。位置由系统算出。"
)
CLOSED = {
    DocumentStatus.IN_REVIEW: "文件“{}”正在审核，它的段落、记录和对应只能查看；退回草稿后才能更改。",
    DocumentStatus.PUBLISHED: (
        "文件“{}”已发布，它的段落、记录和对应只能查看。已公开的内容不能直接更改，录入有误的请提出更正。"
    ),
    DocumentStatus.WITHDRAWN: "文件“{}”已撤回，它的段落、记录和对应作为凭证保留，只能查看。",
}


def why_closed(document):
    """Why a document and all that belongs to it cannot be changed; empty for a draft."""
    return CLOSED.get(document.status, "").format(document.title)


def place_quote(text, typed, where="该段"):
    """The only place that a clerk means by `typed`: (start, the words there); ValidationError says what to write.

    `typed` is the words themselves, their beginning and end around an ellipsis, or `*` for the whole passage.
    """
    typed = typed.strip()
    if typed == WHOLE_PASSAGE:
        return 0, text
    found = [(start, typed) for start in _starts(text, typed)]
    if not found and ELLIPSIS.search(typed):
        first, last = ELLIPSIS.split(typed, 1)[0], ELLIPSIS.split(typed)[-1]
        for words, side in ((first, "开头"), (last, "结尾")):
            if not words:
                raise ValidationError(f"“…”前后都要有文字，这里缺少{side}的文字。")
            if words not in text:
                raise ValidationError(f"{side}的“{words}”不在{where}原文中；请从原文栏照抄，一字不差。")
        found = [
            (start, text[start : end + len(last)])
            for start in _starts(text, first)
            for end in _starts(text, last)
            if end >= start + len(first)
        ]
        if not found:
            raise ValidationError(f"在{where}原文中，“{last}”不在“{first}”之后；请先写开头，后写结尾。")
    if not found:
        raise ValidationError(f"“{typed}”不在{where}原文中；请从原文栏照抄，一字不差。")
    if len(found) > 1:
        raise ValidationError(f"“{typed}”在{where}原文中有{len(found)}处；请多写前后几个字，使它只有一处。")
    return found[0]


def _starts(text, words):
    return [match.start() for match in re.finditer(rf"(?={re.escape(words)})", text)]


class ChosenField(forms.TypedChoiceField):
    """One of the records that were read for the page."""

    is_found = True


class Shared:
    """Records to choose from, read once for all the forms of a page."""

    def __init__(self, rows):
        self.rows = rows

    @cached_property
    def by_key(self):
        """The rows by primary key, as a form posts it."""
        return {str(row.pk): row for row in self.rows}

    def get(self, key):
        """The row of a key; ValueError where it is none to choose from."""
        try:
            return self.by_key[str(key)]
        except KeyError:
            raise ValueError(f"{key!r} is not among the choices") from None

    def field_for(self, model_field):
        """A form field that chooses one of the rows for a foreign key."""
        return ChosenField(
            label=model_field.verbose_name,
            help_text=model_field.help_text,
            required=not model_field.blank,
            choices=[("", "---------"), *((key, str(row)) for key, row in self.by_key.items())],
            coerce=self.get,
            empty_value=None,
        )


class Source:
    """The text that the records of a page quote: a document with its passages, read once."""

    def __init__(self, document):
        self.document = document

    @cached_property
    def passages(self):
        """Number → passage, in the order of the text."""
        return {passage.position: passage for passage in self.document.passages.order_by("order")}

    def paragraphs(self, record=None):
        """Each passage as (passage, text before the record's words, the words, text after); the words may be empty."""
        for passage in self.passages.values():
            start = getattr(record, "start", None) if getattr(record, "passage_id", None) == passage.pk else None
            end = len(passage.text) if start is None else record.end
            start = end if start is None else start
            yield passage, passage.text[:start], passage.text[start:end], passage.text[end:]


class PassageField(forms.IntegerField):
    """A passage by its number in the document; the page lists the numbers once (`datalist#passages`)."""

    is_found = True
    widget = forms.NumberInput(attrs={"list": "passages"})

    def __init__(self, *, source, **kwargs):
        self.source = source
        super().__init__(**kwargs)

    def prepare_value(self, value):
        """The number of the passage that a form starts with; what was posted stays as it was."""
        if isinstance(value, int):
            return next((number for number, passage in self.source.passages.items() if passage.pk == value), None)
        return value

    def clean(self, value):
        """The passage of a number."""
        number = super().clean(value)
        if number is not None and number not in self.source.passages:
            raise ValidationError(f"本文件没有第{number}段；请看原文栏中的段号。")
        return self.source.passages.get(number)

    def has_changed(self, initial, data):
        """Whether another number was posted than the form started with."""
        return str(self.prepare_value(initial) or "") != str(data or "").strip()


class Numbering:
    """Gives new rows of one owner their place and their code; a code that was ever used is not given again."""

    def __init__(self, model, owner, owner_field, letter):
        self.model, self.owner, self.owner_field, self.letter = model, owner, owner_field, letter

    def next_position(self):
        """One more than the last place."""
        self._position += 1
        return self._position

    def next_code(self):
        """`<owner>-<letter><number>`, one more than the highest number ever used."""
        self._number += 1
        return f"{self.owner.code}-{self.letter}{self._number}"

    @cached_property
    def _position(self):
        if not self.owner.pk:
            return 0
        return self.model.objects.filter(**{self.owner_field: self.owner}).aggregate(last=Max("position"))["last"] or 0

    @cached_property
    def _number(self):
        stem = f"{self.owner.code}-{self.letter}"
        codes = self.model.history.filter(code__startswith=stem).values_list("code", flat=True).distinct()
        return max((int(code[len(stem) :]) for code in codes if code[len(stem) :].isdecimal()), default=0)


class RecordForm(forms.ModelForm):
    """Says each broken rule of the model beside a field that it names, rules on omitted fields included.

    Django skips a rule that names a field outside the form, and the database then answers with an error page; here only
    a field that has no valid value yet excuses a rule. The admin binds `shared` (field name → `Shared`) for a request,
    `correcting` where a public record is corrected, and `is_row` for the rows of a record.
    """

    shared = {}
    correcting = False
    is_row = False

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        for name in self.shared.keys() & self.fields.keys():
            self.fields[name] = self.shared[name].field_for(self._meta.model._meta.get_field(name))

    def get_initial_for_field(self, field, field_name):
        """A decimal without the zeros that the database keeps behind it."""
        value = super().get_initial_for_field(field, field_name)
        return plain_decimal(value) if isinstance(value, Decimal) else value

    def _post_clean(self):
        """Validate the instance: fields as Django does it, then uniqueness and constraints by our rule.

        A row that nobody touched is not written, and so not asked about.
        """
        if self.is_row and not self.instance._state.adding and not self.has_changed():
            return
        exclude = self._get_validation_exclusions()
        exclude |= {name for name, field in self.fields.items() if isinstance(field, InlineForeignKeyField)}
        # What was found need not be looked for again.
        exclude |= {name for name, field in self.fields.items() if getattr(field, "is_found", False)}
        self.instance = construct_instance(self, self.instance, self._meta.fields, self._meta.exclude)
        try:
            self.instance.full_clean(exclude=exclude, validate_unique=False, validate_constraints=False)
        except ValidationError as error:
            self.add_error(None, error)
        self.validate_unique()
        self.validate_constraints()

    def validate_unique(self):
        """Check uniqueness of every field that has a value."""
        try:
            self.instance.validate_unique(exclude=self._without_value())
        except ValidationError as error:
            self.add_error(None, error)

    def validate_constraints(self):
        """Check every constraint whose fields have values; its message stands beside the last of them on the form.

        All checks are asked in one query, and each by itself only where one is broken.
        """
        exclude = self._without_value()
        checks, others = [], []
        for model, constraints in self.instance.get_constraints():
            for constraint in constraints:
                if not isinstance(constraint, CheckConstraint):
                    others.append((model, constraint))
                elif not constraint.condition.referenced_base_fields & exclude:
                    checks.append((model, constraint))
        together = Q()
        for _model, constraint in checks:
            together &= constraint.condition
        try:
            if checks:
                CheckConstraint(condition=together, name="all").validate(checks[0][0], self.instance, exclude=exclude)
        except ValidationError:
            others += checks
        for model, constraint in others:
            try:
                constraint.validate(model, self.instance, exclude=exclude)
            except ValidationError as error:
                self.add_error(self._field_of(constraint), error.messages)

    def add_error(self, field, error):
        """Add an error; what a model says of a field outside the form is said above the form."""
        if field is None and hasattr(error, "error_dict"):
            for name, errors in error.error_dict.items():
                known = name if name in self.fields and name != NON_FIELD_ERRORS else None
                super().add_error(known, ValidationError(errors))
        else:
            super().add_error(field, error)

    def _without_value(self):
        """Fields that are in error, still empty though they must not be, or refer to a record without a key yet."""
        names = set(self.errors)
        for field in self.instance._meta.concrete_fields:
            if getattr(self.instance, field.attname) is None and (
                (not field.null and not field.primary_key)
                or (field.is_relation and field.is_cached(self.instance) and getattr(self.instance, field.name))
            ):
                names.add(field.name)
        return names

    def _field_of(self, constraint):
        named = set(getattr(constraint, "fields", ()))
        if condition := getattr(constraint, "condition", None):
            named |= condition.referenced_base_fields
        return next((name for name in reversed(list(self.fields)) if name in named), None)


class OwnedForm(RecordForm):
    """A record of a document, entered under its owner, which is fixed and not a field of the form.

    The admin binds `source` and, on adding, `owner`; rows of a formset get theirs from the formset.
    """

    source = None
    owner = None
    owner_field = "document"
    letter = ""

    def __init__(self, *args, owner=None, numbering=None, **kwargs):
        super().__init__(*args, **kwargs)
        self.owner = owner or self.owner or getattr(self.instance, self.owner_field)
        self.numbering = numbering or Numbering(self._meta.model, self.owner, self.owner_field, self.letter)
        if self.instance._state.adding:
            setattr(self.instance, self.owner_field, self.owner)
            self.instance.document = self.source.document
        for name in ("code", "position") if self.letter else ():
            if name in self.fields:
                self.fields[name].required = False
                self.fields[name].help_text = "留空自动编号。"

    def clean(self):
        """Number a new row that the clerk left unnumbered."""
        cleaned = super().clean()
        if self.letter:
            if not cleaned.get("code") and "code" not in self.errors:
                cleaned["code"] = self.instance.code or self.numbering.next_code()
            if cleaned.get("position") is None and "position" not in self.errors:
                current = self.instance.position
                cleaned["position"] = self.numbering.next_position() if current is None else current
        return cleaned


class QuotingForm(OwnedForm):
    """A record that quotes a passage: the clerk gives the words, the form finds their only place."""

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        if "passage" in self.fields:
            own = not self.letter
            self.fields["passage"] = PassageField(
                source=self.source,
                label="段号",
                required=own,
                help_text="原文栏中的段号。" if own else "原文栏中的段号；与上级同段的留空。",
            )
        if "quote" in self.fields:
            self.fields["quote"].widget = forms.Textarea(
                attrs={"rows": 2, "class": "vLargeTextField", "data-quote-for": "passage"}
            )
            self.fields["quote"].help_text = QUOTE_HELP

    def clean(self):
        """Find the place of the quote; one that was not touched stays where it is."""
        cleaned = super().clean()
        passage = cleaned.get("passage")
        if passage is None and self.letter and "passage" not in self.errors:
            passage = self.owner.passage if self.owner.passage_id else None
            if passage is None:
                self.add_error("passage", "请填写摘录所在的段号。")
            cleaned["passage"] = passage
        typed = cleaned.get("quote")
        if passage and typed and not self._stays(passage, typed):
            try:
                start, quote = place_quote(passage.text, typed, f"第{passage.position}段")
            except ValidationError as error:
                self.add_error("quote", error)
            else:
                cleaned["quote"] = quote
                self.instance.start = start
        if "quote" in self.errors or "passage" in self.errors:
            self.instance.start = None
        return cleaned

    def _stays(self, passage, typed):
        here = self.instance
        return (
            here.start is not None
            and here.passage_id == passage.pk
            and passage.text[here.start : here.end] == typed.strip()
        )
