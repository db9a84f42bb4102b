"""The API's router: every resource of version 1 under its name."""

from rest_framework.routers import APIRootView, DefaultRouter

import gazette.api
import measures.api
import personnel.api
import plans.api


class ApiRoot(APIRootView):
    """第一版接口的全部资源。"""


class Router(DefaultRouter):
    """Lists and details under plain names, and a root that lists them."""

    APIRootView = ApiRoot
    include_format_suffixes = False


router = Router()
router.register("documents", gazette.api.DocumentViewSet, basename="document")
router.register("units", gazette.api.UnitViewSet, basename="unit")
router.register("plans", plans.api.PlanViewSet, basename="plan")
router.register("targets", plans.api.TargetViewSet, basename="target")
router.register("projects", plans.api.ProjectViewSet, basename="project")
router.register("progress-reports", plans.api.ProgressReportViewSet, basename="progress-report")
router.register("packages", measures.api.PackageViewSet, basename="package")
router.register("measures", measures.api.MeasureViewSet, basename="measure")
router.register("budgets", measures.api.BudgetViewSet, basename="budget")
router.register("benefits", measures.api.BenefitViewSet, basename="benefit")
router.register("validity-windows", measures.api.WindowViewSet, basename="validity-window")
router.register("deadlines", measures.api.DeadlineViewSet, basename="deadline")
router.register("people", personnel.api.PersonViewSet, basename="person")
router.register("posts", personnel.api.PostViewSet, basename="post")
router.register("appointments", personnel.api.AppointmentViewSet, basename="appointment")
router.register("search", gazette.api.SearchViewSet, basename="search")
router.register("corrections", gazette.api.CorrectionViewSet, basename="correction")
router.register("changes", gazette.api.ChangeViewSet, basename="change")
