"""The plans' addresses; `<plan>` is the plan's code, which for a yearly plan is its year."""

from django.urls import path

from gazette.downloads import with_downloads

from . import views

urlpatterns = [
    *with_downloads("", views.PlanList.as_view(), name="plan-list"),
    path("<slug:code>/", views.PlanDetail.as_view(), name="plan"),
    *with_downloads("<slug:plan>/targets/", views.TargetList.as_view(), name="target-list"),
    path("<slug:plan>/targets/<slug:code>/", views.TargetDetail.as_view(), name="target"),
    *with_downloads("<slug:plan>/projects/", views.ProjectList.as_view(), name="project-list"),
    path("<slug:plan>/projects/<slug:code>/", views.ProjectDetail.as_view(), name="project"),
]
