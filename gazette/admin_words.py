"""How the desk says stored values: choices by label, records by name, days in Chinese; read once for a whole page."""

from collections import defaultdict
from datetime import date, datetime

from django.utils import timezone
from django.utils.formats import date_format

from .models import Passage
from .stored import plain_decimal

NOTHING = "（空）"
SYSTEM = "系统"


class Words:
    """Says values of fields; the records that the values refer to are read once for each model."""

    def __init__(self, pairs):
        wanted = defaultdict(set)
        for field, value in pairs:
            if field.related_model is not None and value is not None:
                wanted[field.related_model].add(value)
        self._names = {
            model: {row.pk: _name(row) for row in _rows(model).filter(pk__in=keys)} for model, keys in wanted.items()
        }

    def say(self, field, value):
        """A value as people read it."""
        if value is None or value == "":
            return NOTHING
        if field.related_model is not None:
            return self._names.get(field.related_model, {}).get(value, "（已删除的记录）")
        if field.choices:
            return str(dict(field.flatchoices).get(value, value))
        if isinstance(value, bool):
            return "是" if value else "否"
        if isinstance(value, datetime):
            return moment(value)
        if isinstance(value, date):
            return date_format(value)
        return plain_decimal(value) if field.get_internal_type() == "DecimalField" else str(value)

    def say_all(self, differences):
        """(field, a value, another) as (label, words, words)."""
        return [(field.verbose_name, self.say(field, one), self.say(field, other)) for field, one, other in differences]


def moment(at):
    """A moment in local time, to the minute."""
    return date_format(timezone.localtime(at), "Y年n月j日 H:i")


def who(version):
    """Who made a version; what a program wrote without a person is the system's."""
    return str(version.history_user or SYSTEM)


def _rows(model):
    manager = model._default_manager
    return manager.for_list() if hasattr(manager, "for_list") else manager.all()


def _name(row):
    return f"第{row.position}段" if isinstance(row, Passage) else str(row)
