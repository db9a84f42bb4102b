"""Search in the API."""

from django.conf import settings
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers, viewsets

from ..filters import SearchFilter
from ..models import SearchEntry
from ..search.paging import ResultPaginator
from ..search.results import FACETS
from .base import Pagination, Reference, StrictFilterBackend


class HighlightSerializer(serializers.Serializer):
    start = serializers.IntegerField()
    end = serializers.IntegerField()


def highlights(marked) -> list[dict]:
    """The places to mark, in code points, half-open."""
    return [{"start": start, "end": end} for start, end in marked.highlights]


class ResultSerializer(serializers.Serializer):
    """One result: what it is, where its page is, and the words around what was found."""

    kind = serializers.CharField(source="entry.kind")
    code = serializers.CharField(source="entry.code")
    title = serializers.CharField(source="title.text")
    title_highlights = serializers.SerializerMethodField()
    snippet = serializers.CharField(source="snippet.text")
    highlights = serializers.SerializerMethodField()
    url = serializers.SerializerMethodField()
    document = serializers.SerializerMethodField()

    @extend_schema_field(HighlightSerializer(many=True))
    def get_title_highlights(self, result):
        return highlights(result.title)

    @extend_schema_field(HighlightSerializer(many=True))
    def get_highlights(self, result):
        return highlights(result.snippet)

    def get_url(self, result) -> str:
        return f"{settings.SITE_ADDRESS}{result.entry.path}"

    @extend_schema_field(Reference(allow_null=True))
    def get_document(self, result):
        document = result.entry.document
        if document is None:
            return None
        url = f"{settings.SITE_ADDRESS}{document.get_absolute_url()}"
        return {"code": document.code, "name": document.title, "url": url}


class SearchPagination(Pagination):
    """Pages of results with their facets; `count_exact` is false where only the newest of a common word are ranked."""

    page_size = 20
    paginator_class = ResultPaginator

    def envelope(self):
        return {**super().envelope(), "facets": self.page.paginator.object_list.facets()}

    def get_schema_operation_parameters(self, view):
        parameters = super().get_schema_operation_parameters(view)
        return [parameter for parameter in parameters if parameter["name"] in view.page_parameters]

    def get_paginated_response_schema(self, schema):
        fields = {"value": "string", "name": "string", "count": "integer"}
        value = {
            "type": "object",
            "required": list(fields),
            "properties": {name: {"type": kind} for name, kind in fields.items()},
        }
        facets = {name: {"type": "array", "items": value} for name in FACETS}
        page = super().get_paginated_response_schema(schema)
        page["properties"]["facets"] = {"type": "object", "required": list(facets), "properties": facets}
        page["required"].append("facets")
        return page


class SearchViewSet(viewsets.GenericViewSet):
    """检索：文件、段落、目标、项目、措施、单位、人员、职务；各词都须出现，逐字相符。"""

    queryset = SearchEntry.objects.none()
    serializer_class = ResultSerializer
    filterset_class = SearchFilter
    filter_backends = [StrictFilterBackend]
    pagination_class = SearchPagination
    day_parameters = ()
    page_parameters = ("page", "page_size")

    def list(self, request):
        page = self.paginate_queryset(self.filter_queryset(self.get_queryset()))
        return self.get_paginated_response(self.get_serializer(page, many=True).data)
