"""The addresses of notices, people and posts."""

from django.urls import path

from gazette.downloads import with_downloads

from . import views

urlpatterns = [
    *with_downloads("", views.NoticeList.as_view(), name="notice-list"),
    *with_downloads("people/", views.PersonList.as_view(), name="person-list"),
    path("people/<slug:code>/", views.PersonDetail.as_view(), name="person"),
    *with_downloads("posts/", views.PostList.as_view(), name="post-list"),
    path("posts/<slug:code>/", views.PostDetail.as_view(), name="post"),
]
