"""我要纠错: a reader says what is wrong with a record, and reads the answer at an address that nobody can guess."""

from django import forms
from django.http import Http404, HttpResponseRedirect
from django.shortcuts import render
from django.utils.functional import cached_property
from django.views import generic

from .. import doubts, registry
from ..models import Change, Doubt, PublicRecord
from ..models.doubts import TEXT_LENGTH
from .pages import Gone, Page

NO_RECORD = "地址里没有写明对哪一条记录纠错；请从记录页面下方的“我要纠错”进入。"
# What a reader writes is nobody else's.
HEADERS = {"Cache-Control": "private, no-store", "X-Robots-Tag": "noindex"}


class DoubtForm(forms.Form):
    """What is wrong, and how to reach the sender, who need not say."""

    text = forms.CharField(
        label="哪里不对，应当是什么",
        max_length=TEXT_LENGTH,
        widget=forms.Textarea(attrs={"rows": 6}),
        help_text=f"最多{TEXT_LENGTH}字。请不要写身份证号、银行卡号等个人信息。",
        error_messages={
            "required": "请写明哪里不对。",
            "max_length": "内容有%(show_value)d字，最多%(limit_value)d字；请缩短后再提交。",
        },
    )
    contact = forms.CharField(
        label="联系方式（可以不填）",
        required=False,
        max_length=120,
        help_text="只用来就这件纠错与您联系，办结时删除，不公开。",
        error_messages={"max_length": "联系方式有%(show_value)d字，最多%(limit_value)d字；请写一个电话或邮箱。"},
    )


class Unlisted(Page):
    """A page between one reader and the desk: kept by no cache and no search engine."""

    def refusal(self) -> str:
        """What is wrong with the address, in a sentence; empty where nothing is."""
        return ""

    def dispatch(self, request, *args, **kwargs):
        if sentence := self.refusal():
            response = render(request, "400.html", {"sentence": sentence}, status=400)
        else:
            response = super().dispatch(request, *args, **kwargs)
        for name, value in HEADERS.items():
            response[name] = value
        return response


class DoubtNew(Unlisted, generic.FormView):
    """The form about one public record."""

    template_name = "gazette/doubt_new.html"
    form_class = DoubtForm
    title = "我要纠错"

    @classmethod
    def known_parameters(cls):
        return {"kind", "code", "on"}

    @cached_property
    def row(self) -> PublicRecord:
        """The public record in doubt; 410 where it is withdrawn."""
        asked = {"kind": self.query["kind"], "code": self.query["code"]}
        row = PublicRecord.objects.defer("body").filter(**asked).first()
        if row is None:
            line = Change.objects.withdrawal_of(**asked)
            raise Gone(line) if line else Http404
        return row

    @cached_property
    def record(self):
        """The record itself."""
        return registry.get(self.row.kind).model.objects.get(code=self.row.code)

    def get_trail(self):
        return [(str(self.record), self.row.path)]

    def refusal(self):
        return "" if self.query.keys() >= {"kind", "code"} else NO_RECORD

    def get_context_data(self, **kwargs):
        return super().get_context_data(label=registry.get(self.row.kind).label, **kwargs)

    def form_valid(self, form):
        try:
            doubt = doubts.send(self.row, **form.cleaned_data, sender=doubts.sender_of(self.request))
        except doubts.TooMany as refused:
            form.add_error(None, str(refused))
            return self.form_invalid(form, 429, {"Retry-After": str(int(refused.wait.total_seconds()))})
        return HttpResponseRedirect(doubt.get_absolute_url())

    def form_invalid(self, form, status=400, headers=None):
        self.status = status
        return self.render_to_response(self.get_context_data(form=form), headers=headers)


class DoubtReceipt(Unlisted, generic.DetailView):
    """What was sent, and the answer."""

    model = Doubt
    template_name = "gazette/doubt_receipt.html"
    slug_field = slug_url_kwarg = "receipt"
    title = "纠错回执"
