"""The admin of persons, posts and appointments."""

from django.contrib import admin

from gazette.admin_base import RegisterAdmin, SourcedAdmin
from gazette.admin_registers import Merging

from .models import Appointment, Person, Post


@admin.register(Person)
class PersonAdmin(Merging, RegisterAdmin):
    """A person whom notices name."""

    elsewhere = "；重复的可以合并"
    list_display = ["name", "note", "code"]
    search_fields = ["name", "code"]
    fields = ["name", "note", "code"]


@admin.register(Post)
class PostAdmin(RegisterAdmin):
    """An office as notices print it."""

    list_display = ["title", "unit", "seats", "code"]
    list_select_related = ["unit"]
    search_fields = ["title", "unit__name", "code"]
    autocomplete_fields = ["unit"]
    fields = ["title", "unit", "seats", "code"]


@admin.register(Appointment)
class AppointmentAdmin(SourcedAdmin):
    """One event: appointed, appointed concurrently, or removed."""

    list_display = ["person", "kind", "post", "unit_as_written", "effective_on", "in_document", "stands_at", "code"]
    list_filter = ["document__status", "kind", "date_basis"]
    search_fields = ["person__name", "post__title", "code"]
    date_hierarchy = "effective_on"
    autocomplete_fields = ["person", "post"]
    owner_filter = {"kind": "personnel"}
    record_fields = [
        ("person", "kind"),
        "post",
        "unit_as_written",
        ("effective_on", "date_basis"),
        "probation_months",
    ]
