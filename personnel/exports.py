"""The columns of persons, posts and appointments in downloads."""

from gazette.tables import columns

from . import models

PERSON = columns(models.Person, "code", "name", "note")
POST = columns(models.Post, "code", "title", ("单位代码", "unit.code"), ("单位", "unit.name"), "seats")
APPOINTMENT = columns(
    models.Appointment,
    "code",
    "kind",
    ("人员代码", "person.code"),
    ("人员", "person.name"),
    ("职务代码", "post.code"),
    ("职务", "post.title"),
    ("单位代码", "post.unit.code"),
    "unit_as_written",
    "probation_months",
    "effective_on",
    "date_basis",
)
