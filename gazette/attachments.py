"""The files of attachments as answers: kept by who asks for them, and shown by nothing of this site."""

import logging

from django.http import FileResponse, HttpResponse
from django.shortcuts import render
from django.utils.cache import get_conditional_response

from . import filestore
from .models import Attachment

logger = logging.getLogger(__name__)
UNREADABLE = "附件“{}”的文件本站现在取不到，不是地址的错。请稍后再试；急需的请与主办单位联系。"


def answer(request, attachment) -> HttpResponse:
    """The bytes of an attachment, or of a former version of one, streamed; 500 with a sentence where they are lost."""
    etag = f'"{attachment.sha256}"'
    if (unchanged := get_conditional_response(request, etag=etag)) is not None:
        unchanged["ETag"] = etag
        return unchanged
    try:
        file = filestore.path_of(attachment.sha256).open("rb")
    except OSError as error:
        logger.error("附件 %s 的文件取不到，请从备份恢复：%s", attachment.code, error)
        return render(request, "500.html", {"sentence": UNREADABLE.format(attachment.title)}, status=500)
    return FileResponse(
        file,
        as_attachment=True,
        filename=attachment.file_name,
        content_type=attachment.media_type,
        headers={"ETag": etag, "X-Content-Type-Options": "nosniff"},
    )


def answer_privately(request, attachment) -> HttpResponse:
    """The same for staff: kept by nothing on the way."""
    response = answer(request, attachment)
    response["Cache-Control"] = "private, no-store"
    return response


def proposed(correction) -> list[Attachment]:
    """The attachments that a correction adds or gives another file, unsaved: what a reviewer has to look at."""
    if correction.kind != "document":
        return []
    rows = correction.difference.get("rows", {}).get("attachments", {"added": {}, "changed": {}})
    found = [_unsaved(code, fields) for code, fields in rows["added"].items()]
    for code, changed in rows["changed"].items():
        stored = Attachment.objects.filter(code=code).first() if "sha256" in changed else None
        if stored is not None:
            fields = {name: getattr(stored, name) for name in ("title", *Attachment.of_file)}
            found.append(_unsaved(code, fields | {name: new for name, (_old, new) in changed.items()}))
    return found


def _unsaved(code: str, fields: dict) -> Attachment:
    return Attachment(code=code, **{name: fields[name] for name in ("title", *Attachment.of_file)})
