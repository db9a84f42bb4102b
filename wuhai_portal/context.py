"""What every page knows about the site; all of it comes from the settings."""

from dataclasses import dataclass

from django.conf import settings

from .display import Mode, chosen


@dataclass(frozen=True)
class Column:
    """A column (栏目) of the site: an entry of the menu, and the ColumnType that 政府网站发展指引 asks for."""

    label: str
    address: str
    type: str


MENU = [
    Column("年度计划", "/plans/", "规划计划"),
    Column("政策措施", "/measures/", "政策文件"),
    Column("人事任免", "/personnel/", "人事信息"),
    Column("单位", "/units/", "机构职能"),
    Column("日历", "/calendar/", "重要日期"),
    Column("文件", "/documents/", "政策文件"),
]
SEARCH = Column("检索", "/search/", "检索")


def site(request) -> dict:
    """The site's name and furniture (empty where it is not set), its menu, the page's column, the page's address."""
    return {
        "site": {
            "name": settings.SITE_NAME,
            "address": str(settings.SITE_ADDRESS),
            "domain": settings.SITE_DOMAIN,
            "sponsor": settings.SITE_SPONSOR,
            "code": settings.SITE_CODE,
            "icp_number": settings.SITE_ICP_NUMBER,
            "police_number": settings.SITE_POLICE_NUMBER,
            "fault_report_url": settings.SITE_FAULT_REPORT_URL,
            "data_licence": settings.SITE_DATA_LICENCE,
        },
        "menu": MENU,
        "display": chosen(request),
        "modes": Mode.choices,
        "column": next((column for column in [*MENU, SEARCH] if request.path.startswith(column.address)), None),
        # A page that knows parameters says both with them (gazette.views.Page).
        "here": request.path,
        "canonical": request.path,
    }
