"""Which record a cell names: by its code, or a unit, person or post by its name or alias."""

from collections import defaultdict

from .registry import of_model
from .values import BadCell, folded
from .values import name as unpadded

CHUNK = 500


class References:
    """The records that the cells of one file name; those of the file itself come first."""

    def __init__(self):
        self.own: dict[type, dict[str, object]] = defaultdict(dict)
        self.named: dict[type, dict[str, list]] = defaultdict(lambda: defaultdict(list))
        self._wanted: dict[type, set[str]] = defaultdict(set)

    def add(self, record, code: str) -> None:
        """A record of the document or of the file."""
        if code:
            self.own[type(record)][code] = record

    def add_name(self, record, name: str) -> None:
        """A new entry of the file by its name."""
        self.named[type(record)][name].append(record)

    def want(self, model, words: str) -> None:
        """Words that a cell holds, to be looked up with all others."""
        if words and words not in self.own[model]:
            self._wanted[model].update(_spellings(model, words))

    def load(self) -> None:
        """Look up what the file does not hold: a query or two for each kind and some hundred words."""
        for model, wanted in self._wanted.items():
            words = sorted(wanted)
            sheet = of_model(model)
            for start in range(0, len(words), CHUNK):
                part = words[start : start + CHUNK]
                for record in model.objects.filter(code__in=part):
                    self.own[model].setdefault(record.code, record)
                for path in sheet.named_by if sheet else ():
                    self._load_named(model, path, part)

    def _load_named(self, model, path: str, words: list[str]) -> None:
        pairs = list(model.objects.filter(**{f"{path}__in": words}).order_by("pk").values_list(path, "pk"))
        records, wanted = model.objects.in_bulk({pk for _name, pk in pairs}), set(words)
        for name, pk in pairs:
            record = self.own[model].get(records[pk].code, records[pk])
            if name in wanted and record not in self.named[model][name]:
                self.named[model][name].append(record)

    def find(self, model, words: str):
        """The record that the words name; None for none."""
        if not words:
            return None
        label, sheet = model._meta.verbose_name, of_model(model)
        for spelt in _spellings(model, words):
            if spelt in self.own[model]:
                return self.own[model][spelt]
            found = self.named[model].get(spelt, [])
            if len(found) > 1:
                codes = "、".join(record.code for record in found)
                raise BadCell(f"有{len(found)}个{label}名为“{words}”，请写代码：{codes}。")
            if found:
                return found[0]
        called = sheet.named_as if sheet and sheet.named_by else ""
        raise BadCell(f"没有代码{called}为“{words}”的{label}。")


def _spellings(model, words: str) -> list[str]:
    """The words, then other ways to write the same name: without padding, or as the sheet of the model says."""
    sheet, plain = of_model(model), unpadded(words)
    others = [plain, *sheet.spellings(plain)] if sheet and sheet.named_by else []
    return list(dict.fromkeys([words, folded(words), *others]))
