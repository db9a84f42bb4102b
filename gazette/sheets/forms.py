"""The form of a row: the desk's own rules, fed with values instead of what a browser posts."""

from django import forms

from ..forms import Numbering, QuotingForm, RecordForm, Source
from ..models import Document
from .registry import Sheet


class ResolvedField(forms.Field):
    """A record that was found before, or is of the same file: required or not, it is taken as it is."""

    is_found = True


def _form_field(field, **kwargs):
    if field.is_relation:
        return ResolvedField(label=field.verbose_name, required=not field.blank)
    return field.formfield(**kwargs)


class RowForm:
    """What the form of a row does otherwise than that of a page: it holds only what the row changes."""

    def __init__(self, *args, only=None, **kwargs):
        super().__init__(*args, **kwargs)
        for name in [*self.fields] if only is not None else ():
            if name not in only:
                del self.fields[name]


class Forms:
    """The forms of one import: each kind's class made once, new rows of one owner numbered together."""

    def __init__(self, document: Document | None):
        self.document = document
        self.source = Source(document) if document else None
        self._classes: dict[type, type] = {}
        self._numberings: dict[tuple, Numbering] = {}

    def form(self, sheet: Sheet, instance, owner, data: dict, only: set[str] | None):
        """The form of one row; `only` are the fields that an existing record has changed."""
        form_class = self._class(sheet)
        if not issubclass(form_class, QuotingForm):
            return form_class(data, instance=instance, only=only)
        numbering = None
        if sheet.letter:
            key = (sheet.kind, id(owner))
            numbering = self._numberings.setdefault(key, Numbering(sheet.model, owner, sheet.owners[0], sheet.letter))
        return form_class(data, instance=instance, only=only, owner=owner, numbering=numbering)

    def _class(self, sheet: Sheet):
        if sheet.model not in self._classes:
            own = {"source": self.source, "owner_field": sheet.owners[0], "letter": sheet.letter}
            quotes = hasattr(sheet.model, "quote")
            bases = (RowForm, QuotingForm if quotes else RecordForm)
            base = type(f"{sheet.model.__name__}RowForm", bases, own if quotes else {})
            names = [] if sheet.rows or sheet.is_head else ["code"]
            names += [
                column.name
                for column in sheet.columns
                if not (column.only_shown or (sheet.is_owned and column.name in sheet.owners))
            ]
            self._classes[sheet.model] = forms.modelform_factory(
                sheet.model, form=base, fields=names, formfield_callback=_form_field
            )
        return self._classes[sheet.model]
