"""The library's addresses."""

from django.urls import path

from . import views

urlpatterns = [
    path("", views.DocumentList.as_view(), name="document-list"),
    path("<slug:code>/", views.DocumentDetail.as_view(), name="document"),
]
