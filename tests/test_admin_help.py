"""Beside every field that a clerk can fill in stands what to write there; readers are shown none of it."""

from pathlib import Path

import pytest
import yaml
from django.contrib import admin
from django.forms import BaseForm
from django.test import Client
from django.urls import reverse
from django.utils.html import escape
from test_roles import pages_of_the_desk, rows_of_the_desk

from gazette.admin_base import admin_url
from gazette.admin_review import ACTS, FinalForm
from gazette.api.readers import TOLD
from gazette.models import Document, Passage, User
from measures.models import Measure, MeasurePackage
from personnel.models import Appointment
from plans.models import KeyProject, Plan, Target

pytestmark = pytest.mark.usefixtures("founding")


@pytest.fixture
def desk(client):
    """A client that is logged in as a superuser."""
    client.force_login(User.objects.create(username="clerk", is_staff=True, is_superuser=True))
    return client


def forms_of(response):
    """The forms of a page: that of the record, those of its rows, and whatever else it asks."""
    context = getattr(response, "context_data", None) or {}
    found = [value for value in context.values() if isinstance(value, BaseForm)]
    if "adminform" in context:
        found.append(context["adminform"].form)
    for inline in context.get("inline_admin_formsets", ()):
        found += [*inline.formset.forms, *([inline.formset.empty_form] if inline.has_add_permission else [])]
    return list({id(form): form for form in found}.values())


def without_help(form, shown=None):
    """The fields of a form that say nothing beyond their name, or of which the page does not show what they say."""
    for field in form.visible_fields():
        said = str(field.help_text)
        if field.name == "DELETE" or (shown is not None and f'name="{field.html_name}"' not in shown):
            continue
        if said.strip(" 。") in ("", str(field.label).strip(" 。")):
            yield field.name
        elif shown is not None and said not in shown and escape(said) not in shown:
            yield f"{field.name} (not shown)"


def misses(response):
    """The misses of a page's forms."""
    shown = "" if response.streaming else response.content.decode()
    return {f"{type(form).__name__}.{miss}" for form in forms_of(response) for miss in without_help(form, shown)}


def test_every_field_of_the_desk_says_what_to_write(desk):
    rows_of_the_desk()
    found, asked = {}, 0
    for model, page, url in list(pages_of_the_desk()):
        owner = getattr(admin.site.get_model_admin(model), "owner_field", None)
        if page == "add" and owner:
            row = model.objects.order_by("-pk").first()
            url = f"{url}?{owner}={getattr(row, f'{owner}_id')}"
        if page in ("changelist", "preview"):  # A list asks nothing, and a preview is a public page.
            continue
        response = desk.get(url)
        asked += sum(len(form.visible_fields()) for form in forms_of(response))
        if missed := misses(response):
            found[f"{model._meta.label} {page}"] = sorted(missed)
    assert found == {}
    assert asked > 500


@pytest.mark.parametrize(
    "model",
    [Document, Passage, Plan, Target, KeyProject, MeasurePackage, Measure, Appointment],
    ids=lambda model: model.__name__,
)
def test_every_field_of_a_correction_says_what_to_write(model, desk):
    response = desk.get(admin_url(model, "correct", model.objects.public().first().pk))
    assert len(forms_of(response)) > 1
    assert misses(response) == set()


def test_every_act_of_review_says_what_to_write():
    found = {form: sorted(without_help(form())) for form in {FinalForm, *(act.form for act in ACTS.values())}}
    assert found == dict.fromkeys(found, [])


def test_the_pages_of_signing_in_say_what_to_write(desk):
    # The page of one's own password is Django's, which says above the fields what to write.
    for page in (Client().get(reverse("admin:login")), desk.get(reverse("second-factor"))):
        assert forms_of(page)
        assert misses(page) == set()


# What clerks and readers are both told, in the same words.
FOR_BOTH = {
    *TOLD.values(),
    "一经编定不再更改。",
    "由各级序号连成，如 一（二）。",
    "第几个一级小标题之下；0 为开头。",
    "完成值和阶段是到哪一天为止的，不是填报的日子。",
    "被删除的记录并入同类的哪一条；没有并入的为空。",
    "随撤回公开。",
}


def test_readers_are_told_none_of_it(client):
    said = {
        str(field.help_text)
        for model in admin.site._registry
        for field in model._meta.fields
        if len(str(field.help_text)) > 5
    }
    schema = yaml.safe_load((Path(__file__).parent.parent / "docs" / "openapi.yml").read_text(encoding="utf-8"))
    told = str(schema)
    assert {words for words in said if words in told} <= FOR_BOTH
    for path in (
        "/plans/2023/targets/",
        "/plans/2023/projects/",
        "/measures/",
        "/documents/",
        "/personnel/",
        "/units/",
    ):
        page = client.get(path).content.decode()
        assert {words for words in said if words in page} == set(), path
