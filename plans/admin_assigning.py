"""Units that staff assign to targets and projects: the form of one, and one unit for several of a draft at once."""

from django import forms

from gazette.admin_bulk import Held
from gazette.forms import RecordForm, why_closed
from gazette.models import DocumentStatus, Unit
from gazette.refusals import Refused

from .models import ASSIGN, Assignment, Target


class AssignmentForm(RecordForm):
    """An assignment is part of what is published with its target or project, so that must be open."""

    class Meta:
        model = Assignment
        fields = ["target", "project", "unit", "note"]

    def clean(self):
        """Refuse the target or project of a document that is closed."""
        cleaned = super().clean()
        for name in () if self.correcting else ("target", "project"):
            owner = cleaned.get(name)
            if owner and (reason := why_closed(owner.document)):
                self.add_error(name, reason)
        return cleaned


class UnitForm(forms.Form):
    """The unit for all, and a note."""

    unit = forms.ModelChoiceField(Unit.objects.order_by("name"), label="责任单位")
    note = forms.CharField(
        label="说明",
        required=False,
        max_length=Assignment._meta.get_field("note").max_length,
        widget=forms.TextInput(attrs={"class": "vTextField"}),
        help_text="可以不写；写了的随指定公开。",
    )


class AssignSelected(Held):
    """Assign one unit to targets or projects of drafts; of a published document each is a correction."""

    name = "assign_selected"
    label = "为所选%(verbose_name)s指定责任单位"
    button = "指定责任单位"
    permission = ASSIGN
    before = "所选的都指定给同一个单位；公开后显示“由本站指定，文件未载明”。"
    done, undone = "已为{}项指定责任单位。", "{}项没有指定"
    form = UnitForm

    def refuse(self, row):
        """What is closed, with the way that is left."""
        if row.document.status == DocumentStatus.PUBLISHED:
            raise Refused(f"文件“{row.document.title}”已发布，指定责任单位须就每一项提出更正。")
        if because := why_closed(row.document):
            raise Refused(because)

    def about(self, row):
        """Its plan, and who has it already."""
        units = "、".join(str(assignment.unit) for assignment in row.assignments.all())
        return [str(row.plan), f"已指定：{units}" if units else "尚未指定"]

    def joined(self, rows):
        """With the assignments."""
        return rows.prefetch_related("assignments__unit")

    def run(self, row, said, seen):
        """Save the form of an assignment."""
        owner = "target" if isinstance(row, Target) else "project"
        form = AssignmentForm({owner: row.pk, "unit": said["unit"].pk, "note": said["note"]})
        if not form.is_valid():
            raise Refused(*(str(error) for errors in form.errors.values() for error in errors))
        form.save()
