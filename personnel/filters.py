"""Filters of people, posts and appointments, for pages and API alike."""

import django_filters as filters

from gazette.filters import ChoiceFilter, CodeFilter, DayFilter, NumberFilter, RecordFilter
from gazette.models import Document, Unit

from .models import Appointment, AppointmentKind, Person, Post


class PersonFilter(RecordFilter):
    """People."""

    name = filters.CharFilter(label="姓名")

    class Meta:
        model = Person
        fields = []


class PostFilter(RecordFilter):
    """Posts."""

    unit = CodeFilter(Unit, field_name="unit", label="单位")
    seats = NumberFilter(label="职数")

    class Meta:
        model = Post
        fields = []


class AppointmentFilter(RecordFilter):
    """Events."""

    document = CodeFilter(Document, field_name="document", label="文件")
    kind = ChoiceFilter(AppointmentKind, label="任免")
    person = CodeFilter(Person, field_name="person", label="人员")
    post = CodeFilter(Post, field_name="post", label="职务")
    unit = CodeFilter(Unit, field_name="post__unit", label="单位")
    probation_from = DayFilter(field_name="probation_until", lookup_expr="gte", label="试用期止不早于")
    probation_to = DayFilter(field_name="probation_until", lookup_expr="lte", label="试用期止不晚于")

    class Meta:
        model = Appointment
        fields = []
