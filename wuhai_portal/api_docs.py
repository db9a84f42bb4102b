"""The API's reference as our own page, made from the schema; and Swagger UI beside it for trying out."""

from functools import cache

from csp.decorators import csp_update
from django.utils.decorators import method_decorator
from django.views.generic import TemplateView
from drf_spectacular.generators import SchemaGenerator
from drf_spectacular.views import SpectacularAPIView, SpectacularSwaggerSplitView


@cache
def schema() -> dict:
    """The OpenAPI schema; it depends on the code alone."""
    return SchemaGenerator().get_schema(request=None, public=True)


def reference() -> list[dict]:
    """The schema as the page shows it: resources in the router's order, each with its operations and its fields."""
    resources: dict[str, dict] = {}
    for path, methods in schema()["paths"].items():
        operation = methods["get"]
        name = operation["tags"][0]
        resource = resources.setdefault(
            name, {"name": name, "description": operation.get("description", ""), "operations": [], "fields": []}
        )
        resource["operations"].append(
            {"path": path, "id": operation["operationId"], "parameters": list(map(_parameter, operation["parameters"]))}
        )
        if not resource["fields"]:
            resource["fields"] = _fields(_record(operation))
    return list(resources.values())


def _parameter(parameter: dict) -> dict:
    lines = parameter.get("description", "").split("\n\n* ")
    return {
        "name": parameter["name"],
        "where": parameter["in"],
        "type": _type(parameter["schema"]),
        "description": lines[0],
        "values": parameter["schema"].get("enum", []),
    }


def _record(operation: dict) -> dict:
    """The schema of one record that an operation answers, alone or in a page of a list."""
    answer = _resolve(operation["responses"]["200"]["content"]["application/json"]["schema"])
    results = answer.get("properties", {}).get("results")
    return _resolve(results["items"]) if results else answer


def _fields(record: dict) -> list[dict]:
    return [
        {"name": name, "type": _type(field), "description": field.get("title", "") or _resolve(field).get("title", "")}
        for name, field in record["properties"].items()
    ]


def _resolve(node: dict) -> dict:
    if "$ref" in node:
        return schema()["components"]["schemas"][node["$ref"].rsplit("/", 1)[1]]
    if "allOf" in node:
        return _resolve(node["allOf"][0])
    return node


def _type(node: dict) -> str:
    """A type in one line: string(date), object Reference, array of string …"""
    for word in ("oneOf", "anyOf", "allOf"):
        if word in node:
            return " | ".join(_type(option) for option in node[word])
    if "$ref" in node:
        target = _resolve(node)
        return "、".join(target["enum"]) if "enum" in target else node["$ref"].rsplit("/", 1)[1]
    if node.get("type") == "array":
        return f"array<{_type(node['items'])}>"
    kind = node.get("type", "object")
    kind = " | ".join(kind) if isinstance(kind, list) else kind
    return f"{kind}（{node['format']}）" if "format" in node else kind


class ApiReference(TemplateView):
    """The reference page."""

    template_name = "portal/api_docs.html"
    extra_context = {
        "title": "开放接口",
        "description": "页面上有的，接口都能取到，筛选条件相同；只读，无需登记。",
        "page_trail": [],
    }

    def get_context_data(self, **kwargs):
        return super().get_context_data(resources=reference(), **kwargs)


class Schema(SpectacularAPIView):
    """The OpenAPI schema itself."""


# Swagger UI styles itself inline and carries its pictures as data; the rest of the site allows neither.
SWAGGER_POLICY = {"style-src": ["'self'", "'unsafe-inline'"], "img-src": ["'self'", "data:"]}


@method_decorator(csp_update(SWAGGER_POLICY), name="dispatch")
class TryOut(SpectacularSwaggerSplitView):
    """Swagger UI, from the sidecar's own files."""

    url_name = "api-schema"
