"""What every page knows about the site; all of it comes from the settings."""

from django.conf import settings

MENU = [
    ("年度计划", "/plans/"),
    ("政策措施", "/measures/"),
    ("人事任免", "/personnel/"),
    ("单位", "/units/"),
    ("文件", "/documents/"),
]


def site(request) -> dict:
    """The site's name, the furniture of its footer (empty where it is not set), its menu, the page's address."""
    return {
        "site": {
            "name": settings.SITE_NAME,
            "sponsor": settings.SITE_SPONSOR,
            "code": settings.SITE_CODE,
            "icp_number": settings.SITE_ICP_NUMBER,
            "police_number": settings.SITE_POLICE_NUMBER,
            "fault_report_url": settings.SITE_FAULT_REPORT_URL,
        },
        "menu": MENU,
        "page_address": f"{settings.SITE_ADDRESS}{request.path}",
    }
