"""All addresses."""

from django.contrib import admin
from django.urls import include, path

from gazette.downloads import with_downloads
from gazette.views.doubts import DoubtNew, DoubtReceipt

from . import views
from .api import router
from .api_docs import ApiReference, Schema, TryOut
from .atom import NewChanges, NewDocuments
from .calendar import CalendarPage
from .display import Display
from .feeds import AllDays, DaysOfMeasure, DaysOfUnit
from .leaving import Leave
from .misses import Misses
from .preview import Preview
from .search import SearchPage
from .signing.views import enrol
from .sitemaps import Robots, Sitemap, SitemapIndex
from .styleguide import Styleguide

urlpatterns = [
    path("", views.Home.as_view(), name="home"),
    path("documents/", include("gazette.urls")),
    path("plans/", include("plans.urls")),
    path("measures/<slug:package>/<int:number>/calendar.ics", DaysOfMeasure.as_view(), name="measure-days"),
    path("measures/", include("measures.urls")),
    path("personnel/", include("personnel.urls")),
    *with_downloads("units/", views.UnitList.as_view(), name="unit-list"),
    path("units/<slug:code>/", views.UnitDetail.as_view(), name="unit"),
    path("units/<slug:code>/calendar.ics", DaysOfUnit.as_view(), name="unit-days"),
    path("calendar.ics", AllDays.as_view(), name="all-days"),
    path("calendar/", CalendarPage.as_view(), name="calendar"),
    path("feeds/documents.atom", NewDocuments.as_view(), name="new-documents"),
    path("feeds/changes.atom", NewChanges.as_view(), name="new-changes"),
    path("search/", SearchPage.as_view(), name="search"),
    path("doubts/new/", DoubtNew.as_view(), name="doubt-new"),
    path("doubts/<slug:receipt>/", DoubtReceipt.as_view(), name="doubt-receipt"),
    path("display/", Display.as_view(), name="display"),
    path("leave/", Leave.as_view(), name="leave"),
    path("sitemap.xml", SitemapIndex.as_view(), name="sitemap-index"),
    path("sitemaps/<slug:section>.xml", Sitemap.as_view(), name="sitemap"),
    path("robots.txt", Robots.as_view(), name="robots"),
    path("styleguide/", Styleguide.as_view(), name="styleguide"),
    path("healthz", views.healthz, name="healthz"),
    path("admin/preview/<int:pk>/", admin.site.admin_view(Preview.as_view()), name="document-preview"),
    path("admin/misses/", admin.site.admin_view(Misses.as_view()), name="misses"),
    path("admin/second-factor/", admin.site.admin_view(enrol), name="second-factor"),
    path("admin/", admin.site.urls),
    path("api/v1/", include((router.urls, "api"))),
    path("api/docs/", ApiReference.as_view(), name="api-docs"),
    path("api/docs/try/", TryOut.as_view(), name="api-try"),
    path("api/schema/", Schema.as_view(), name="api-schema"),
]

handler400 = views.bad_request
handler403 = views.forbidden
handler404 = views.not_found
handler500 = views.server_error
