"""Documents, passages, units and the ledger in the API."""

from django.conf import settings
from drf_spectacular.utils import OpenApiParameter, extend_schema, extend_schema_field
from rest_framework import exceptions, serializers, viewsets
from rest_framework.decorators import action

from ..filters import ChangeFilter, CorrectionFilter, DocumentFilter, UnitFilter
from ..models import Change, Citation, Correction, Document, Passage, SearchEntry, Unit
from .base import (
    PAGE_PARAMETERS,
    Pagination,
    RecordSerializer,
    RecordViewSet,
    Reference,
    StrictFilterBackend,
    asked_query,
    published,
)


class CitationSerializer(serializers.ModelSerializer):
    cited = Reference(read_only=True)

    class Meta:
        model = Citation
        fields = ["code", "title", "cited"]


class DocumentSerializer(RecordSerializer):
    issuer = Reference(read_only=True)
    approved_by = Reference(read_only=True)
    citations = CitationSerializer(many=True, read_only=True)

    class Meta:
        model = Document
        fields = [
            "code",
            "title",
            "number",
            "kind",
            "issuer",
            "written_on",
            "written_basis",
            "released_on",
            "released_basis",
            "effective_on",
            "effective_basis",
            "expires_on",
            "expires_basis",
            "addressees",
            "approved_by",
            "based_on",
            "citations",
            "disclosure_note",
            "index_number",
            "subject",
            "gazette_issue",
            "note",
            "url",
        ]


class FigureSerializer(serializers.Serializer):
    start = serializers.IntegerField()
    end = serializers.IntegerField()
    text = serializers.CharField()
    kind = serializers.CharField()
    code = serializers.CharField()
    field = serializers.CharField()
    rule = serializers.CharField()
    url = serializers.CharField()
    reason = serializers.CharField()


class PassageSerializer(RecordSerializer):
    code = serializers.CharField(read_only=True)
    document = serializers.CharField(source="document.code", read_only=True)
    parent = serializers.IntegerField(source="parent.position", default=None, read_only=True)
    figures = FigureSerializer(many=True, read_only=True)

    class Meta:
        model = Passage
        fields = [
            "code",
            "document",
            "position",
            "order",
            "kind",
            "label",
            "level",
            "outline",
            "part",
            "parent",
            "text",
            "figures",
            "url",
        ]


class FormerNameSerializer(serializers.Serializer):
    """A name that a unit bore once; a day that is not known is null."""

    def get_fields(self):
        # Python knows no attribute of the name `from`.
        return {
            "name": serializers.CharField(),
            "from": serializers.DateField(source="from_day", allow_null=True),
            "until": serializers.DateField(source="until_day", allow_null=True),
        }


class UnitSerializer(RecordSerializer):
    parent = Reference(read_only=True)
    aliases = serializers.SlugRelatedField("name", many=True, read_only=True)
    former_names = FormerNameSerializer(many=True, read_only=True)
    succeeded_by = Reference(read_only=True, allow_null=True)

    class Meta:
        model = Unit
        fields = [
            *("code", "name", "kind", "aliases", "parent", "note"),
            *("former_names", "succeeded_by", "succeeded_on", "url"),
        ]


class ChangeSerializer(serializers.ModelSerializer):
    reason = serializers.CharField(help_text="撤回原因的代码；没有写明的为空。")
    url = serializers.SerializerMethodField()

    class Meta:
        model = Change
        fields = [
            *("seq", "at", "op", "origin", "kind", "code", "revision", "hash", "merged_into"),
            *("reason", "explanation", "url"),
        ]

    def get_url(self, change) -> str:
        return f"{settings.SITE_ADDRESS}{change.path}"


class CorrectedSerializer(serializers.Serializer):
    """One field that a correction changed, in words; null where there was or is nothing."""

    field = serializers.CharField()
    label = serializers.CharField()
    old = serializers.CharField(allow_null=True)
    new = serializers.CharField(allow_null=True)


class CorrectionSerializer(serializers.ModelSerializer):
    """A correction of one public record: what stood, what stands now, and why."""

    # Never null: only what was accepted is public.
    seq = serializers.IntegerField()
    at = serializers.DateTimeField(source="decided_at")
    record = serializers.SerializerMethodField()
    changes = CorrectedSerializer(many=True)

    class Meta:
        model = Correction
        fields = ["seq", "at", "kind", "record", "reason", "changes"]

    @extend_schema_field(Reference)
    def get_record(self, correction):
        url = f"{settings.SITE_ADDRESS}{correction.path}"
        return {"code": correction.code, "name": correction.name, "url": url}


class DocumentViewSet(RecordViewSet):
    """文件。"""

    kind = "document"
    queryset = Document.objects.all()
    serializer_class = DocumentSerializer
    filterset_class = DocumentFilter

    @extend_schema(
        responses=published(PassageSerializer, None)(many=True), filters=False, parameters=[OpenApiParameter("q")]
    )
    @action(detail=True, filterset_class=None, page_key="order")
    def passages(self, request, code):
        """文件的段落，含每处数字的对应；q 只取含有各词的段落。"""
        if unknown := sorted(request.query_params.keys() - {"q", *PAGE_PARAMETERS}):
            names = "、".join((*PAGE_PARAMETERS, "q"))
            raise exceptions.ValidationError({name: [f"没有这个参数；可用的有：{names}。"] for name in unknown})
        document = self.get_queryset().filter(code=code).first()
        if document is None:
            self._refuse_missing(code)
        passages = document.passages
        if query := asked_query(request):
            entries = SearchEntry.objects.filter(document=document).matching(query, "passage")
            codes = entries.values_list("code", flat=True)
            passages = passages.filter(position__in=[int(entry.rpartition("-p")[2]) for entry in codes])
        page = self.paginate_queryset(passages.values("order", "position"))
        return self.answer_page("passage", [f"{code}-p{row['position']}" for row in page])


class UnitViewSet(RecordViewSet):
    """单位。"""

    kind = "unit"
    queryset = Unit.objects.all()
    serializer_class = UnitSerializer
    filterset_class = UnitFilter


class ChangeViewSet(viewsets.GenericViewSet):
    """更新记录：按提交先后，无缺号；镜像据此同步。"""

    queryset = Change.objects.all()
    serializer_class = ChangeSerializer
    filterset_class = ChangeFilter
    filter_backends = [StrictFilterBackend]
    pagination_class = Pagination
    page_key = "seq"
    day_parameters = ()

    def list(self, request):
        page = self.paginate_queryset(self.filter_queryset(self.get_queryset()))
        return self.get_paginated_response(self.get_serializer(page, many=True).data)


class CorrectionViewSet(ChangeViewSet):
    """更正：本站录入有误而更正的记录，原文未变；按办结先后。"""

    queryset = Correction.objects.public()
    serializer_class = CorrectionSerializer
    filterset_class = CorrectionFilter
