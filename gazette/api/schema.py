"""What the OpenAPI schema says beyond what the views show by themselves: parameters of the day, and errors."""

from drf_spectacular.openapi import AutoSchema
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse
from rest_framework import serializers

from ..models import WithdrawalReason


class Problem(serializers.Serializer):
    """RFC 9457 problem details."""

    type = serializers.CharField()
    title = serializers.CharField()
    status = serializers.IntegerField()
    detail = serializers.CharField()
    errors = serializers.DictField(child=serializers.ListField(child=serializers.CharField()), required=False)
    reason = serializers.ChoiceField(
        WithdrawalReason, required=False, help_text="只在 410 中：撤回原因；没有写明的没有这一项。"
    )
    explanation = serializers.CharField(required=False, help_text="只在 410 中：撤回说明。")


class ApiSchema(AutoSchema):
    """Adds the parameters that annotate by a day, and the problem details of every operation."""

    def get_override_parameters(self):
        parameters = super().get_override_parameters()
        for name in getattr(self.view, "day_parameters", ()):
            parameters.append(OpenApiParameter(name, OpenApiTypes.DATE, description="按该日注明，写作 2023-03-15。"))
        return parameters

    def _map_model_field(self, model_field, direction):
        """A field that is read off a model without a form of the API: its help is for clerks."""
        schema = super()._map_model_field(model_field, direction)
        return {name: value for name, value in schema.items() if name != "description"}

    def _get_response_bodies(self, direction="response"):
        responses = super()._get_response_bodies(direction)
        meanings = {"400": "参数有误，errors 按参数列出原因", "404": "没有这条公开记录或这一页"}
        if "{code}" in self.path:
            meanings["410"] = "这条记录已撤回"
        for status, meaning in meanings.items():
            problem = self._get_response_for_code(
                OpenApiResponse(Problem, description=meaning), status, ["application/problem+json"], direction
            )
            responses.setdefault(status, problem)
        return responses


# What a database can hold in one integer column differs between PostgreSQL and SQLite; it says nothing about the value.
COLUMN_LIMITS = {2**15 - 1, 2**31 - 1, 2**63 - 1, -(2**15), -(2**31), -(2**63)}


def without_column_limits(result, generator, request, public):
    """Leave out the limits of integer columns, so that the schema is the same on every database."""
    waiting = [result]
    while waiting:
        part = waiting.pop()
        if isinstance(part, dict):
            limits = [name for name in ("minimum", "maximum") if part.get(name) in COLUMN_LIMITS]
            for name in limits:
                del part[name]
            if limits and part.get("format") == "int64":
                del part["format"]
            waiting += part.values()
        elif isinstance(part, list):
            waiting += part
    return result
