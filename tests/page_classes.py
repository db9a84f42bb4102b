"""One page of each class that the public meets, on the founding documents; and the looks that they have."""

PAGE_CLASSES = {
    "home": "/",
    "home-on-a-day": "/?on=2023-03-15",
    "documents": "/documents/",
    "document-plan": "/documents/whzf-2023-2/",
    "document-measures": "/documents/whzbf-2023-2/",
    "document-appointments": "/documents/wzrz-2023-1/",
    "plans": "/plans/",
    "plan": "/plans/2023/",
    "targets": "/plans/2023/targets/",
    "target": "/plans/2023/targets/2023-gdp-growth/",
    "projects": "/plans/2023/projects/",
    "project": "/plans/2023/projects/2023-key-projects-296/",
    "measures": "/measures/",
    "measures-on-a-day": "/measures/?on=2023-03-15&in_force_on=2023-03-15",
    "measures-none": "/measures/?in_force_on=2026-01-01",
    "package": "/measures/2023-consumption/?on=2023-03-15",
    "measure": "/measures/2023-consumption/7/",
    "measure-by-days": "/measures/2023-consumption/13/?on=2023-03-15",
    "appointments": "/personnel/",
    "people": "/personnel/people/",
    "person": "/personnel/people/zhang-liming/",
    "posts": "/personnel/posts/",
    "post": "/personnel/posts/earthquake-bureau-director/",
    "units": "/units/",
    "unit": "/units/finance-bureau/",
    "search": "/search/",
    "search-results": "/search/?q=消费券",
    "search-none": "/search/?q=消肥券",
    "api-docs": "/api/docs/",
}
# Pages that say what is wrong: path → status.
ERROR_CLASSES = {
    "not-found": ("/measures/2023-consumption/99/", 404),
    "bad-filter": ("/measures/?category=x", 400),
    "bad-day": ("/?on=yesterday", 400),
    "no-such-page": ("/measures/?page=99", 404),
}
WIDTHS = (360, 1280)
