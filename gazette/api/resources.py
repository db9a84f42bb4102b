"""Documents, passages, units and the ledger in the API."""

import json
from datetime import date

from django.conf import settings
from django.utils import timezone
from drf_spectacular.utils import OpenApiParameter, extend_schema, extend_schema_field
from rest_framework import exceptions, serializers, viewsets
from rest_framework.decorators import action

from ..filters import ChangeFilter, CorrectionFilter, DocumentFilter, UnitFilter
from ..models import Attachment, Change, Citation, Correction, Document, Passage, Relation, SearchEntry, Unit
from ..validity import Standing, Validity, own_validity, validity_on
from .base import (
    PAGE_PARAMETERS,
    Pagination,
    RecordSerializer,
    RecordViewSet,
    Reference,
    Source,
    StrictFilterBackend,
    absolute,
    asked_day,
    asked_query,
    published,
)
from .readers import ForReaders


class CitationSerializer(ForReaders):
    cited = Reference(source="public_cited", read_only=True)

    class Meta:
        model = Citation
        fields = ["code", "title", "cited"]


class RelationSerializer(ForReaders):
    """What a document does to an earlier one; `document` is the earlier one, null while it is not public."""

    document = Reference(source="public_target", read_only=True, allow_null=True)
    since = serializers.DateField(
        read_only=True,
        allow_null=True,
        help_text="从哪一天起：takes_effect_on，否则较晚文件的施行日期、成文日期；null 为文中未载明。",
    )
    source = Source()

    class Meta:
        model = Relation
        fields = ["code", "kind", "document", "takes_effect_on", "since", "source"]
        extra_kwargs = {
            "kind": {"help_text": "本文件对较早的文件做了什么。"},
            "takes_effect_on": {"help_text": "原句写明从哪一天起的才有；没有写明的为空。"},
        }


class RelatedFromSerializer(RelationSerializer):
    """What a later public document does to this one; `document` is the later one."""

    document = Reference(read_only=True)

    class Meta(RelationSerializer.Meta):
        pass


class ValiditySerializer(serializers.Serializer):
    """Whether a document holds on a day, as far as the public documents say."""

    state = serializers.ChoiceField(choices=Standing.choices)
    since = serializers.DateField(allow_null=True, help_text="从哪一天起；null 为文中未载明，或没有起点可言。")


class DocumentOnDay(serializers.Serializer):
    related_from = RelatedFromSerializer(many=True)
    validity = ValiditySerializer()


class AttachmentSerializer(RecordSerializer):
    """A file that belongs to a document; `url` answers its bytes."""

    class Meta:
        model = Attachment
        fields = ["code", "title", "file_name", "media_type", "size", "sha256", "url"]


class DocumentSerializer(RecordSerializer):
    issuer = Reference(read_only=True)
    approved_by = Reference(read_only=True)
    citations = CitationSerializer(many=True, read_only=True)
    relations = RelationSerializer(many=True, read_only=True)
    attachments = AttachmentSerializer(many=True, read_only=True)

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
            "relations",
            "attachments",
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
        extra_kwargs = {
            "position": {"help_text": "一经编定不再更改。"},
            "label": {"help_text": "印出的序号，如 一、（二）。"},
            "outline": {"help_text": "由各级序号连成，如 一（二）。"},
            "part": {"help_text": "第几个一级小标题之下；0 为开头。"},
        }


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


class ChangeSerializer(ForReaders):
    reason = serializers.CharField(help_text="撤回原因的代码；没有写明的为空。")
    url = serializers.SerializerMethodField()

    class Meta:
        model = Change
        fields = [
            *("seq", "at", "op", "origin", "kind", "code", "revision", "hash", "merged_into"),
            *("reason", "explanation", "url"),
        ]
        extra_kwargs = {
            "merged_into": {"help_text": "被删除的记录并入同类的哪一条；没有并入的为空。"},
            "explanation": {"help_text": "随撤回公开。"},
        }

    def get_url(self, change) -> str:
        return f"{settings.SITE_ADDRESS}{change.path}"


class CorrectedSerializer(serializers.Serializer):
    """One field that a correction changed, in words; null where there was or is nothing."""

    field = serializers.CharField()
    label = serializers.CharField()
    old = serializers.CharField(allow_null=True)
    new = serializers.CharField(allow_null=True)


class CorrectionSerializer(ForReaders):
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


def _validity(body: dict, related: list[Relation], day: date, own: dict[str, Validity]) -> dict:
    days = {name: body[name] and date.fromisoformat(body[name]) for name in ("effective_on", "expires_on")}
    validity = validity_on(day, related, own=own.get(body["code"]), **days)
    return {"state": validity.standing, "since": validity.since}


class DocumentViewSet(RecordViewSet):
    """文件；`on` 注明每份在该日是否有效，没有写明的按今天。"""

    kind = "document"
    queryset = Document.objects.all()
    serializer_class = DocumentSerializer
    filterset_class = DocumentFilter
    annotations = DocumentOnDay
    day_parameters = ("on",)

    def extras(self, rows):
        if not self.day_parameters:
            return super().extras(rows)
        day = asked_day(self.request) or timezone.localdate()
        bodies = [json.loads(row.body) for row in rows]
        related = {body["code"]: [] for body in bodies}
        for relation in Relation.objects.onto(related):
            related[relation.target.code].append(relation)
        own = own_validity([*related], day)
        return [
            {
                "related_from": absolute(RelatedFromSerializer(related[body["code"]], many=True).data),
                "validity": ValiditySerializer(_validity(body, related[body["code"]], day, own)).data,
            }
            for body in bodies
        ]

    @extend_schema(
        responses=published(PassageSerializer, None)(many=True), filters=False, parameters=[OpenApiParameter("q")]
    )
    @action(detail=True, filterset_class=None, page_key="order", day_parameters=())
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
