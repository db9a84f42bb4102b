"""What a document keeps of its way through review: written by `gazette.review` and `gazette.publication` alone."""

from django.db import models
from django.db.models import Q

REVIEW_PERMISSIONS = [
    ("submit_document", "可以送审"),
    ("review_first_document", "可以初审"),
    ("review_second_document", "可以复审"),
    ("review_final_document", "可以终审"),
    ("publish_bypass_document", "可以应急发布"),
    ("clear_bypass_document", "可以核销应急发布"),
    ("withdraw_document", "可以撤回公开文件"),
]
REVIEW_CONSTRAINTS = [
    models.CheckConstraint(
        name="document_review_step_only_in_review",
        condition=Q(review_step=0) | Q(status="in_review"),
        violation_error_message="只有审核中的文件才有审核步骤。",
    ),
    models.CheckConstraint(
        name="document_publish_at_only_in_review",
        condition=Q(publish_at__isnull=True) | Q(status="in_review"),
        violation_error_message="只有审核中的文件才有定时发布时间。",
    ),
]
# What waits for its stated time: few of all documents.
DUE_INDEX = models.Index(fields=["publish_at"], name="document_due", condition=Q(publish_at__isnull=False))


class Reviewed(models.Model):
    """Where a document stands in review.

    `review_steps` is the setting's number at submission, which holds to the end of the round; a step beyond the last
    waits for `publish_at`. `bypass_open`: it was published in an emergency, and nobody has looked at it since.
    """

    review_step = models.PositiveSmallIntegerField("审核步骤", default=0, editable=False)
    review_steps = models.PositiveSmallIntegerField("审核步骤数", default=0, editable=False)
    review_round = models.PositiveSmallIntegerField("送审次数", default=0, editable=False)
    publish_at = models.DateTimeField("定时发布时间", null=True, blank=True, editable=False)
    bypass_open = models.BooleanField("应急发布待核销", default=False, editable=False)

    class Meta:
        abstract = True
