"""The personnel's kinds of record, for the registry: public forms, proofs and mentions."""

from gazette.api import public_form
from gazette.registry import Kind, SearchText
from gazette.registry import register as register_kind

from . import api, exports, models, reading


def named(appointment):
    """The person, the post, and the post's unit."""
    yield "person", appointment.person.code
    yield "post", appointment.post.code
    if appointment.post.unit:
        yield "unit", appointment.post.unit.code


def person_search(person):
    """By name."""
    return SearchText(person.name, body=(person.note,))


def post_search(post):
    """By its title."""
    return SearchText(post.title, units=(post.unit.code,) if post.unit else ())


def appointment_search(appointment):
    """By the person, the post, and the line of the notice."""
    return SearchText(str(appointment), body=(appointment.quote,))


def register():
    """Persons and posts before the events that name them."""
    register_kind(
        Kind(
            "person",
            models.Person,
            public_form(api.PersonSerializer),
            "people",
            search=person_search,
            columns=exports.PERSON,
            search_rank=20,
        )
    )
    register_kind(
        Kind(
            "post",
            models.Post,
            public_form(api.PostSerializer),
            "posts",
            search=post_search,
            search_rank=30,
            columns=exports.POST,
        )
    )
    register_kind(
        Kind(
            "appointment",
            models.Appointment,
            public_form(api.AppointmentSerializer),
            "appointments",
            reading.PROOFS["appointment"],
            mentions=named,
            search=appointment_search,
            sign="任",
            columns=exports.APPOINTMENT,
        )
    )
