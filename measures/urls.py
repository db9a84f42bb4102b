"""The measures' addresses."""

from django.urls import path

from gazette.downloads import with_downloads

from . import views

urlpatterns = [
    *with_downloads("", views.MeasureList.as_view(), name="measure-list"),
    # Before the packages: none can have this code as its address.
    *with_downloads("budgets/", views.BudgetList.as_view(), name="budget-list"),
    path("<slug:code>/", views.PackageDetail.as_view(), name="package"),
    path("<slug:package>/<int:number>/", views.MeasureDetail.as_view(), name="measure"),
]
