"""The rows of a record on its own page, read in one query and numbered together."""

from django import forms
from django.core.exceptions import ValidationError
from django.utils.functional import cached_property

from .forms import Numbering


class RowField(forms.ModelChoiceField):
    """Which row of a formset a form is about; the formset has read all of them."""

    def __init__(self, formset, **kwargs):
        self.formset = formset
        super().__init__(formset.get_queryset(), widget=forms.HiddenInput, required=False, **kwargs)

    def to_python(self, value):
        """The row of a key."""
        if value in self.empty_values:
            return None
        row = self.formset._existing_object(self.formset.model._meta.pk.to_python(value))
        if row is None:
            raise ValidationError(self.error_messages["invalid_choice"], code="invalid_choice", params={"value": value})
        return row


class ReadOnceFormSet(forms.BaseInlineFormSet):
    """Rows of one owner, read in one query."""

    def add_fields(self, form, index):
        """Django's fields, of which that of the key would ask for each row again."""
        super().add_fields(form, index)
        name = self._pk_field.name
        form.fields[name] = RowField(self, initial=form.fields[name].initial)


class RowFormSet(ReadOnceFormSet):
    """Rows of one owner, numbered together."""

    @cached_property
    def numbering(self):
        """The numbering of this formset's new rows."""
        return Numbering(self.model, self.instance, self.fk.name, self.form.letter)

    def get_form_kwargs(self, index):
        """Each row knows its owner, also while that is not saved yet."""
        return {**super().get_form_kwargs(index), "owner": self.instance, "numbering": self.numbering}
