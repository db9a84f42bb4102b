"""The measures' addresses."""

from django.urls import path

from . import views

urlpatterns = [
    path("", views.MeasureList.as_view(), name="measure-list"),
    path("<slug:code>/", views.PackageDetail.as_view(), name="package"),
    path("<slug:package>/<int:number>/", views.MeasureDetail.as_view(), name="measure"),
]
