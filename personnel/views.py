"""Notices of appointment and removal, a person's events, and who holds a post on a day."""

from gazette import linked_data
from gazette.models import Correction, Document
from gazette.views import DetailPage, ListPage

from .filters import AppointmentFilter, PersonFilter, PostFilter
from .models import Appointment, Person, Post, holders_on
from .pictures import draw_post


def find_successions(**lookup):
    """The successions among public events: (appointment, the removal before it); two queries."""
    appointments = list(Appointment.objects.public().filter(**lookup).successions().for_list())
    ids = [appointment.predecessor for appointment in appointments]
    removals = {removal.pk: removal for removal in Appointment.objects.filter(pk__in=ids).select_related("person")}
    return [(appointment, removals[appointment.predecessor]) for appointment in appointments]


class AsRead:
    """A page that asks who holds a post on a day; past what the portal has read there is no answer."""

    dated = True

    def read_until(self):
        """How far the portal has read; asked once."""
        if not hasattr(self, "_read_until"):
            self._read_until = Document.objects.read_until()
        return self._read_until

    def get_day_links(self):
        return [("本站读到的最后一天", self.read_until())]

    def with_holders(self, posts):
        """The posts as a list, each with its `holders` on the day."""
        posts = list(posts)
        for post in posts:
            post.holders = holders_on(post.public_events, self.day, self.read_until())
        return posts

    def get_context_data(self, **kwargs):
        return super().get_context_data(read_until=self.read_until(), **kwargs)


class NoticeList(AsRead, ListPage):
    """Events by notice, and the successions among them."""

    title = "人事任免"
    description = "公报所载的任命、兼任和免去，每项附原句。"
    model = Appointment
    filterset_class = AppointmentFilter
    shown = ("kind", "unit")

    def get_context_data(self, **kwargs):
        context = super().get_context_data(**kwargs)
        documents = {event.document_id for event in context["object_list"]}
        return context | {"successions": find_successions(document__in=documents)}


class PersonList(ListPage):
    """People whom notices name."""

    title = "人员"
    description = "任免通知写到的人员。"
    model = Person
    filterset_class = PersonFilter
    shown = ("name",)
    trail = (("人事任免", "notice-list"),)

    def get_queryset(self):
        return super().get_queryset().with_events()


class EventsPage(AsRead, DetailPage):
    """A page that tells events; with the corrections of these, since persons and posts are renamed, not corrected."""

    def get_corrections(self):
        events = self.object.appointments.order_by().values("code")
        return Correction.objects.public().filter(kind="appointment", code__in=events).order_by("-seq")


class PersonDetail(EventsPage):
    """A person's events, and what follows from them for the day."""

    model = Person
    description = "公开文件所载此人的任免，以及由此可知的任职。"
    trail = (("人事任免", "notice-list"), ("人员", "person-list"))

    def get_linked_data(self):
        return linked_data.person(self.object)

    def get_context_data(self, **kwargs):
        person = self.object
        posts = self.with_holders(Post.objects.public().filter(appointments__person=person).distinct().for_tenure())
        held = [(post, holder) for post in posts for holder in post.holders if holder.person in (None, person)]
        return super().get_context_data(
            events=Appointment.objects.public().filter(person=person).for_list(), held=held, posts=posts, **kwargs
        )


class PostList(AsRead, ListPage):
    """Posts, and who holds each on the day."""

    title = "职务"
    description = "任免通知写到的职务，以及某一天由谁担任、有多确定。"
    model = Post
    filterset_class = PostFilter
    shown = ("unit",)
    trail = (("人事任免", "notice-list"),)

    def get_queryset(self):
        return super().get_queryset().for_tenure()

    def get_context_data(self, **kwargs):
        context = super().get_context_data(**kwargs)
        return context | {"posts": self.with_holders(context["object_list"])}


class PostDetail(EventsPage):
    """A post's holders on the day, its events and its successions."""

    model = Post
    description = "公开文件所载这一职务的任免，以及某一天由谁担任。"
    trail = (("人事任免", "notice-list"), ("职务", "post-list"))

    def get_context_data(self, **kwargs):
        post = self.object
        events = list(Appointment.objects.public().filter(post=post).for_list())
        successions = find_successions(post=post)
        return super().get_context_data(
            holders=holders_on(post.public_events, self.day, self.read_until()),
            events=events,
            successions=successions,
            drawn_post=draw_post(events, successions, self.day, self.read_until()),
            **kwargs,
        )
