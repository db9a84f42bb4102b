"""The portal's addresses, and under /bench/ what they are compared with."""

from django.http import HttpResponse
from django.urls import include, path
from django.views.generic import ListView
from django_filters.rest_framework import DjangoFilterBackend
from rest_framework.pagination import PageNumberPagination
from rest_framework.routers import SimpleRouter
from rest_framework.viewsets import ReadOnlyModelViewSet

from measures.api import MeasureSerializer
from measures.filters import MeasureFilter
from measures.models import Measure
from wuhai_portal.urls import urlpatterns as portal_urlpatterns


def constant(request):
    """The least that a view can do."""
    return HttpResponse("ok")


class PlainList(ListView):
    """The measures as the Django tutorial would list them: two joins, two prefetches, one template."""

    queryset = (
        Measure.objects.public()
        .select_related("package")
        .prefetch_related("windows", "responsibilities__unit", "budgets")
    )
    template_name = "bench/measure_list.html"
    paginate_by = 50


class Fifty(PageNumberPagination):
    page_size = 50


class PlainViewSet(ReadOnlyModelViewSet):
    """The measures as the DRF tutorial would serve them, with the same nested fields."""

    queryset = Measure.objects.public().for_publication()
    serializer_class = MeasureSerializer
    filterset_class = MeasureFilter
    filter_backends = [DjangoFilterBackend]
    pagination_class = Fifty


router = SimpleRouter()
router.register("viewset", PlainViewSet, basename="bench")

urlpatterns = [
    *portal_urlpatterns,
    path("bench/constant/", constant),
    path("bench/listview/", PlainList.as_view()),
    path("bench/", include(router.urls)),
]

handler400 = "wuhai_portal.views.bad_request"
handler403 = "wuhai_portal.views.forbidden"
handler404 = "wuhai_portal.views.not_found"
handler500 = "wuhai_portal.views.server_error"
