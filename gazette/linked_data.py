"""The subject of a page in the words of schema.org: only what is known, in the terms that search engines read."""

from django.conf import settings

LANGUAGE = "zh-CN"


def _known(**properties) -> dict:
    return {name: value for name, value in properties.items() if value}


def legislation(document) -> dict:
    """An official text, with its number, the day of its writing, and who issued it."""
    return {
        "@type": "Legislation",
        **_known(
            name=document.title,
            legislationIdentifier=document.number,
            legislationType=str(document.get_kind_display()),
            legislationDate=document.written_on and document.written_on.isoformat(),
            datePublished=document.released_on and document.released_on.isoformat(),
            legislationPassedBy={"@type": "GovernmentOrganization", "name": str(document.issuer)},
            inLanguage=LANGUAGE,
            url=f"{settings.SITE_ADDRESS}{document.get_absolute_url()}",
        ),
    }


def dataset(name: str, description: str, path: str, api_path: str) -> dict:
    """Records that the API gives as a list: `path` is their page, `api_path` the list."""
    return {
        "@type": "Dataset",
        **_known(
            name=name,
            description=description,
            inLanguage=LANGUAGE,
            isAccessibleForFree=True,
            url=f"{settings.SITE_ADDRESS}{path}",
            publisher=settings.SITE_SPONSOR and {"@type": "GovernmentOrganization", "name": settings.SITE_SPONSOR},
        ),
        "distribution": [
            {
                "@type": "DataDownload",
                "encodingFormat": "application/json",
                "contentUrl": f"{settings.SITE_ADDRESS}{api_path}",
            }
        ],
    }


def person(entry) -> dict:
    """Somebody whom a document names; which posts are held today is not known, so none is claimed."""
    return {"@type": "Person", "name": entry.name, "url": f"{settings.SITE_ADDRESS}{entry.get_absolute_url()}"}
