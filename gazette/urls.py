"""The library's addresses."""

from django.urls import path

from . import views
from .downloads import with_downloads

urlpatterns = [
    *with_downloads("", views.DocumentList.as_view(), name="document-list"),
    path("<slug:code>/", views.DocumentDetail.as_view(), name="document"),
    path("<slug:code>/records.<format:format>", views.DocumentRecords.as_view(), name="document-records"),
    path("<slug:code>/text.txt", views.DocumentText.as_view(), name="document-text"),
    path("<slug:code>/attachments/<slug:attachment>/", views.AttachmentFile.as_view(), name="attachment"),
]
