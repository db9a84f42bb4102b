"""What every resource of the API shares: references, sources, strict parameters, problem details, the projection.

A list filters on the tables and answers from the projection (`PublicRecord`); what depends on the day is added on top.
"""

import functools
import hashlib
import json
from datetime import date

from django.conf import settings
from django.core.exceptions import ValidationError
from django.http import Http404, HttpResponse
from django.utils import timezone
from django_filters.rest_framework import DjangoFilterBackend
from drf_spectacular.utils import extend_schema_field
from rest_framework import exceptions, pagination, serializers, viewsets
from rest_framework.response import Response
from rest_framework.utils.urls import remove_query_param, replace_query_param
from rest_framework.views import exception_handler

from .. import registry
from ..filters import DayField, QueryField
from ..models import Change, PublicRecord
from ..paging import PageError, Paginator
from ..search.query import Query
from ..stored import canonical, plain_decimal
from .readers import ForReaders

JSON = "application/json"
PAGE_PARAMETERS = ("page", "page_size", "cursor")
TITLES = {
    400: "请求参数有误",
    404: "没有找到",
    405: "不支持此方法",
    406: "不支持此格式",
    410: "已撤回",
    429: "请求过于频繁",
    500: "服务器内部错误",
}


def problem(status: int, detail: str, errors: dict | None = None, **members) -> dict:
    """An error as RFC 9457 problem details, in Chinese; `errors` by parameter, `members` what this problem adds."""
    body = {"type": "about:blank", "title": TITLES.get(status, "请求未能完成"), "status": status, "detail": detail}
    if errors:
        body["errors"] = errors
    return body | members


def problem_details(exc, context):
    """DRF's exception handler: every error that it knows as problem details; others stay errors."""
    response = exception_handler(exc, context)
    if response is None:
        return None
    status, errors = response.status_code, None
    if isinstance(exc, exceptions.ValidationError):
        errors = {name: [str(message) for message in messages] for name, messages in exc.detail.items()}
        detail = "；".join(f"参数 {name}：{'、'.join(messages)}" for name, messages in errors.items())
    elif isinstance(exc, Http404 | exceptions.NotFound):
        detail = str(exc.detail) if isinstance(exc, exceptions.NotFound) else "没有这条公开记录，请核对地址中的代码。"
    else:
        detail = str(exc.detail)
    response.data = problem(status, detail, errors, **getattr(exc, "members", {}))
    response.content_type = "application/problem+json"
    return response


class Gone(exceptions.APIException):
    """A record that was public and is withdrawn; with the reason, where one was stated."""

    status_code = 410

    def __init__(self, detail: str, line: Change):
        self.members = {"reason": line.reason, "explanation": line.explanation} if line.reason else {}
        said = f"撤回原因：{line.get_reason_display()}。{line.explanation}" if line.reason else ""
        super().__init__(detail + said)


class Pagination(pagination.PageNumberPagination):
    """Pages of at most 200; a wrong page, size or cursor is an error and never another page.

    A view whose list is not walked by `place` names its `page_key`.
    """

    page_size = 50
    page_size_query_param = "page_size"
    max_page_size = 200
    cursor_query_param = "cursor"
    paginator_class = Paginator

    def get_page_size(self, request):
        given = request.query_params.get(self.page_size_query_param)
        if given is None:
            return self.page_size
        if not (given.isascii() and given.isdigit() and 1 <= int(given) <= self.max_page_size):
            raise exceptions.ValidationError({"page_size": [f"“{given}”应为 1 到 {self.max_page_size} 的整数。"]})
        return int(given)

    def paginate_queryset(self, queryset, request, view=None):
        self.request = request
        key = getattr(view, "page_key", "place")
        paginator = self.paginator_class(queryset, self.get_page_size(request), key=key)
        try:
            self.page = paginator.asked(*(request.query_params.get(name) for name in ("page", "cursor")))
        except PageError as error:
            if error.missing:
                raise exceptions.NotFound(str(error)) from None
            raise exceptions.ValidationError({error.parameter: [str(error)]}) from None
        return list(self.page)

    def get_next_link(self):
        return self._link(self.page.next)

    def get_previous_link(self):
        return self._link(self.page.previous)

    def _link(self, parameters: dict | None) -> str | None:
        """The asked address with another page; the first page needs no number."""
        if parameters is None:
            return None
        url = self.request.build_absolute_uri()
        for name, value in parameters.items():
            gone = value is None or (name, value) == (self.page_query_param, 1)
            url = remove_query_param(url, name) if gone else replace_query_param(url, name, value)
        return url

    def get_schema_operation_parameters(self, view):
        cursor = {
            "name": self.cursor_query_param,
            "required": False,
            "in": "query",
            "description": "前10000条之后的页：照 next 或 previous 给出的原样使用。",
            "schema": {"type": "string"},
        }
        return [*super().get_schema_operation_parameters(view), cursor]

    def get_paginated_response(self, data):
        return Response({**self.envelope(), "results": data})

    def envelope(self):
        """What a list says beside its results."""
        return {
            "count": self.page.paginator.count,
            "count_exact": self.page.paginator.count_exact,
            "next": _absolute(self.get_next_link()),
            "previous": _absolute(self.get_previous_link()),
        }

    def get_paginated_response_schema(self, schema):
        link = {"type": ["string", "null"], "format": "uri"}
        properties = {
            "count": {"type": "integer"},
            "count_exact": {"type": "boolean"},
            "next": link,
            "previous": link,
            "results": schema,
        }
        return {"type": "object", "required": list(properties), "properties": properties}


def _absolute(link: str | None) -> str | None:
    """A link under the site's own address, whatever host the request named."""
    return link and f"{settings.SITE_ADDRESS}{link[link.index('/', link.index('//') + 2) :]}"


class StrictFilterBackend(DjangoFilterBackend):
    """Filters that refuse an unknown parameter, which django-filter ignores (carltongibson/django-filter#1740)."""

    def filter_queryset(self, request, queryset, view):
        filterset_class = self.get_filterset_class(view, queryset)
        known = {
            *filterset_class.base_filters,
            *view.day_parameters,
            *getattr(view, "page_parameters", PAGE_PARAMETERS),
        }
        unknown = sorted(request.query_params.keys() - known)
        if unknown:
            names = "、".join(sorted(known))
            raise exceptions.ValidationError({name: [f"没有这个参数；可用的有：{names}。"] for name in unknown})
        empty = {name: ["参数没有值，请填写或删去。"] for name, value in request.query_params.items() if not value}
        if empty:
            raise exceptions.ValidationError(empty)
        repeated = [name for name, values in request.query_params.lists() if len(values) > 1]
        if repeated:
            raise exceptions.ValidationError({name: ["参数写了不止一次，请只写一次。"] for name in repeated})
        asked = not request.query_params.keys().isdisjoint(filterset_class.base_filters)
        if not asked and not any(field.extra.get("required") for field in filterset_class.base_filters.values()):
            # Nothing to check or to filter by; a form takes longer to make than the database to answer.
            return queryset
        return super().filter_queryset(request, queryset, view)


class Reference(serializers.Serializer):
    """A reference to another record: code, name and the address of its page."""

    code = serializers.CharField()
    name = serializers.CharField(source="__str__")
    url = serializers.CharField(source="get_absolute_url")


class Source(serializers.Serializer):
    """Where a record stands: document, number, passage, outline, the verbatim quote, and the page with its anchor."""

    document = serializers.CharField(source="document.code")
    number = serializers.CharField(source="document.number")
    passage = serializers.IntegerField(source="passage.position")
    outline = serializers.CharField(source="passage.outline")
    quote = serializers.CharField()
    url = serializers.SerializerMethodField()

    def __init__(self, **kwargs):
        super().__init__(source="*", read_only=True, **kwargs)

    def get_url(self, record) -> str:
        return f"{record.document.get_absolute_url()}#p{record.passage.position}"


class Section(serializers.Serializer):
    """The place of a record in the outline: number of the part, outline path, and the heading's words."""

    part = serializers.IntegerField()
    outline = serializers.CharField()
    heading = serializers.CharField(source="parent.text", default="")

    def __init__(self, **kwargs):
        super().__init__(source="passage", read_only=True, **kwargs)


@extend_schema_field({"type": ["string", "null"], "format": "decimal"})
class PlainDecimal(serializers.Field):
    """A decimal as a string without trailing zeros."""

    def to_representation(self, value):
        return plain_decimal(value)


@extend_schema_field({"type": ["string", "null"], "pattern": "^[0-9]+$"})
class Money(serializers.Field):
    """Whole yuan as a string."""

    def to_representation(self, value):
        return str(value)


class RecordSerializer(ForReaders):
    """The public form of a record; explicit fields, decimals without trailing zeros, its page's address."""

    url = serializers.CharField(source="get_absolute_url", read_only=True)

    def build_standard_field(self, field_name, model_field):
        if model_field.get_internal_type() == "DecimalField":
            return PlainDecimal, {"read_only": True}
        return super().build_standard_field(field_name, model_field)


class Published(serializers.Serializer):
    """What publication adds to every public record."""

    published_at = serializers.DateTimeField()
    changed_at = serializers.DateTimeField()
    revision = serializers.IntegerField()


@functools.cache
def published(serializer_class, annotations):
    """The serializer of an answer: the public form, what publication adds, and what depends on the day."""
    added = [Published, annotations] if annotations else [Published]
    names = [name for extra in added for name in extra().fields]
    meta = type("Meta", (serializer_class.Meta,), {"fields": [*serializer_class.Meta.fields, *names]})
    return type(f"Public{serializer_class.__name__}", (*added, serializer_class), {"Meta": meta})


def public_form(serializer_class):
    """The function that turns a record into its public form; its fields are built once, at the first record."""
    serializer = functools.cache(serializer_class)

    def form(record) -> dict:
        return serializer().to_representation(record)

    return form


def record_text(row: PublicRecord, extra: dict | None = None) -> str:
    """A record of the projection as JSON text: absolute addresses, when it was published, and what depends on the day.

    The stored text is joined, never parsed: a list of 50 records costs hardly more than its bytes.
    """
    body = _with_site(row.body)
    stamp = {"published_at": _moment(row.published_at), "changed_at": _moment(row.changed_at), "revision": row.revision}
    return body[:-1] + "," + canonical({**stamp, **(extra or {})})[1:]


def _with_site(text: str) -> str:
    """Canonical JSON with the addresses of its records absolute."""
    # These bytes can only be a key with an address: inside a string the quotes would be escaped.
    return text.replace('"url":"/', f'"url":"{settings.SITE_ADDRESS}/')


def absolute(form):
    """A public form that is not from the projection, with the addresses of its records absolute."""
    return json.loads(_with_site(canonical(form)))


@functools.lru_cache(maxsize=256)
def _moment(at) -> str:
    """A moment in Beijing time; the records of a document share theirs."""
    return timezone.localtime(at).isoformat()


def answer(row: PublicRecord) -> dict:
    """A record of the projection as the API answers it, for use inside another."""
    return json.loads(record_text(row))


def record_etag(row: PublicRecord, text: str) -> str:
    """A strong ETag: the revision, and a hash of the answer, in which names of other records and the day show too."""
    return f'"r{row.revision}-{hashlib.sha256(text.encode()).hexdigest()[:16]}"'


def asked_day(request, name: str = "on") -> date | None:
    """The day of a parameter that annotates, or None; a bad one is a 400 that names it."""
    given = request.query_params.get(name)
    if given is None:
        return None
    try:
        return DayField().clean(given)
    except ValidationError as error:
        raise exceptions.ValidationError({name: error.messages}) from None


def asked_query(request) -> Query | None:
    """The words of `q` on a list without a FilterSet, or None; a bad one is a 400 that names it."""
    given = request.query_params.get("q")
    if given is None:
        return None
    try:
        return QueryField().clean(given)
    except ValidationError as error:
        raise exceptions.ValidationError({"q": error.messages}) from None


class RecordViewSet(viewsets.GenericViewSet):
    """Read-only list and detail of one kind of public record, answered from the projection.

    Subclasses name `kind`, `queryset`, `serializer_class` (its public form) and `filterset_class`. `day_parameters`
    annotate instead of filter; `extras` gives what depends on the day, and `annotations` is the schema of that.
    """

    kind = ""
    day_parameters: tuple[str, ...] = ()
    annotations = None
    lookup_field = "code"
    lookup_value_regex = "[a-z0-9-]+"
    page_key = "place"
    pagination_class = Pagination
    filter_backends = [StrictFilterBackend]

    def get_queryset(self):
        return self.queryset.public()

    def get_serializer_class(self):
        return published(self.serializer_class, self.annotations)

    def list(self, request, *args, **kwargs):
        page = self.paginate_queryset(self.filter_queryset(self.get_queryset()).values("code", "place"))
        return self.answer_page(self.kind, [row["code"] for row in page])

    def answer_page(self, kind, codes):
        """One page of a list, from the projection."""
        found = {row.code: row for row in PublicRecord.objects.filter(kind=kind, code__in=codes)}
        # What was withdrawn between the two queries is gone.
        rows = [found[code] for code in codes if code in found]
        results = ",".join(map(record_text, rows, self.extras(rows)))
        envelope = canonical(self.paginator.envelope())
        return HttpResponse(f'{envelope[:-1]},"results":[{results}]}}', content_type=JSON)

    def retrieve(self, request, *args, code, **kwargs):
        self._refuse_parameters(request)
        row = PublicRecord.objects.filter(kind=self.kind, code=code).first()
        if row is None:
            self._refuse_missing(code)
        text = record_text(row, *self.extras([row]))
        return HttpResponse(text, content_type=JSON, headers={"ETag": record_etag(row, text)})

    def _refuse_missing(self, code):
        label = registry.get(self.kind).label
        line = Change.objects.withdrawal_of(self.kind, code)
        if line is not None:
            what = line.get_op_display() + (f"并并入“{line.merged_into}”" if line.merged_into else "")
            raise Gone(f"{label}“{code}”已于{timezone.localtime(line.at):%Y-%m-%d}{what}，不再公开。", line)
        raise exceptions.NotFound(f"没有代码为“{code}”的{label}。")

    def _refuse_parameters(self, request):
        if unknown := sorted(request.query_params.keys() - set(self.day_parameters)):
            raise exceptions.ValidationError({name: ["单条记录没有这个参数，请删去。"] for name in unknown})

    def extras(self, rows):
        """What depends on the day, for each row; nothing by default."""
        return [{}] * len(rows)
