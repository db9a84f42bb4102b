"""Lists and pages of the desk say kinds and fields in words, and numbers as people write them."""

import pytest
from django.contrib.admin.templatetags.admin_list import items_for_result
from django.utils.html import strip_tags

from gazette import registry
from gazette.models import Change, Mention, PublicRecord, Tie
from plans.models import Target

pytestmark = pytest.mark.django_db


def cells(client, path, column):
    """The texts of one column of a change list."""
    answer = client.get(path)
    assert answer.status_code == 200
    listed = answer.context["cl"]
    names = [getattr(name, "__name__", name) for name in listed.list_display]
    place = names.index(column)
    return [strip_tags(list(items_for_result(listed, row, None))[place]) for row in listed.result_list]


@pytest.mark.parametrize("model", [Change, PublicRecord, Mention, Tie])
def test_kinds_are_said_in_words(admin_client, model):
    path = f"/admin/gazette/{model._meta.model_name}/"
    labels = {kind.label for kind in registry.kinds()}
    assert set(cells(admin_client, path, "kind_label")) <= labels | {"-"}
    row = model.objects.exclude(kind="").first()
    answer = admin_client.get(f"{path}?kind__exact={row.kind}")
    found = answer.context["cl"].queryset
    assert set(found.values_list("kind", flat=True)) == {row.kind}
    assert registry.get(row.kind).label in answer.content.decode()
    page = admin_client.get(f"{path}{row.pk}/change/").content.decode()
    assert registry.get(row.kind).label in page
    if model is not Tie:
        assert f'<div class="readonly">{row.kind}</div>' not in page


def test_the_field_of_a_tie_is_said_by_its_label(admin_client):
    said = cells(admin_client, "/admin/gazette/tie/?kind__exact=target", "field_label")
    assert {"目标值"} <= set(said) <= {str(field.verbose_name) for field in Target._meta.fields}


def test_numbers_are_shown_and_offered_as_people_write_them(admin_client, make_target):
    target = make_target(value="82.8", unit="%")
    assert "82.8" in cells(admin_client, f"/admin/plans/target/?q={target.code}", "column")
    form = admin_client.get(f"/admin/plans/target/{target.pk}/change/").context["adminform"].form
    assert form["value"].value() == "82.8"
    assert form["value_max"].value() is None
