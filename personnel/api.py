"""People, posts and appointments in the API."""

from django.conf import settings
from rest_framework import serializers

from gazette.api import RecordSerializer, RecordViewSet, Reference, Source, asked_day
from gazette.models import Document

from .filters import AppointmentFilter, PersonFilter, PostFilter
from .models import Appointment, Certainty, Person, Post, holders_on


class PersonSerializer(RecordSerializer):
    class Meta:
        model = Person
        fields = ["code", "name", "note", "url"]


class PostSerializer(RecordSerializer):
    unit = Reference(read_only=True)

    class Meta:
        model = Post
        fields = ["code", "title", "unit", "seats", "url"]
        extra_kwargs = {
            "seats": {"help_text": "无从得知的为 null。"},
        }


class AppointmentSerializer(RecordSerializer):
    document = serializers.CharField(source="document.code", read_only=True)
    person = Reference(read_only=True)
    post = Reference(read_only=True)
    source = Source()

    class Meta:
        model = Appointment
        fields = [
            "code",
            "document",
            "kind",
            "person",
            "post",
            "unit_as_written",
            "probation_months",
            "effective_on",
            "date_basis",
            "source",
            "url",
        ]


class PersonViewSet(RecordViewSet):
    """人员。"""

    kind = "person"
    queryset = Person.objects.all()
    serializer_class = PersonSerializer
    filterset_class = PersonFilter


class HolderSerializer(serializers.Serializer):
    """Who holds a post on a day."""

    person = Reference(allow_null=True)
    certainty = serializers.ChoiceField(Certainty.choices)
    why = serializers.CharField()
    read_until = serializers.DateField(allow_null=True)


class PostOnDay(serializers.Serializer):
    """What `held_on` adds to a post."""

    holders = HolderSerializer(many=True, required=False)


class PostViewSet(RecordViewSet):
    """职务；`held_on` 注明该日由谁任职、有多确定、依据什么。"""

    kind = "post"
    queryset = Post.objects.all()
    serializer_class = PostSerializer
    filterset_class = PostFilter
    annotations = PostOnDay
    day_parameters = ("held_on",)

    def extras(self, rows):
        day = asked_day(self.request, "held_on")
        if day is None:
            return super().extras(rows)
        read_until = Document.objects.read_until()
        posts = Post.objects.filter(code__in=[row.code for row in rows]).for_tenure()
        holders = {post.code: holders_on(post.public_events, day, read_until) for post in posts}
        return [{"holders": [holder_form(holder, read_until) for holder in holders[row.code]]} for row in rows]


def holder_form(holder, read_until) -> dict:
    """A holder on a day as the API answers it."""
    person = holder.person and {
        "code": holder.person.code,
        "name": holder.person.name,
        "url": f"{settings.SITE_ADDRESS}{holder.person.get_absolute_url()}",
    }
    return {
        "person": person,
        "certainty": holder.certainty,
        "why": holder.why,
        "read_until": read_until and read_until.isoformat(),
    }


class AppointmentViewSet(RecordViewSet):
    """任免。"""

    kind = "appointment"
    queryset = Appointment.objects.all()
    serializer_class = AppointmentSerializer
    filterset_class = AppointmentFilter
