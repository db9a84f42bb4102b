"""The personnel's kinds of record, for the registry: public forms, proofs and mentions."""

from gazette.api import public_form
from gazette.registry import Kind
from gazette.registry import register as register_kind

from . import api, models, reading


def named(appointment):
    """The person, the post, and the post's unit."""
    yield "person", appointment.person.code
    yield "post", appointment.post.code
    if appointment.post.unit:
        yield "unit", appointment.post.unit.code


def register():
    """Persons and posts before the events that name them."""
    register_kind(Kind("person", models.Person, public_form(api.PersonSerializer), "people"))
    register_kind(Kind("post", models.Post, public_form(api.PostSerializer), "posts"))
    register_kind(
        Kind(
            "appointment",
            models.Appointment,
            public_form(api.AppointmentSerializer),
            "appointments",
            reading.PROOFS["appointment"],
            mentions=named,
        )
    )
