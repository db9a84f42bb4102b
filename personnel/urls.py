"""The addresses of notices, people and posts."""

from django.urls import path

from . import views

urlpatterns = [
    path("", views.NoticeList.as_view(), name="notice-list"),
    path("people/", views.PersonList.as_view(), name="person-list"),
    path("people/<slug:code>/", views.PersonDetail.as_view(), name="person"),
    path("posts/", views.PostList.as_view(), name="post-list"),
    path("posts/<slug:code>/", views.PostDetail.as_view(), name="post"),
]
