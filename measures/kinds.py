"""The measures' kinds of record, for the registry: public forms, proofs, derivations, and the check of parentheses."""

from collections import defaultdict
from datetime import timedelta

from django.db.models import F

from gazette.api import public_form
from gazette.registry import Derived, Kind, SearchText
from gazette.registry import register as register_kind
from gazette.verification import Miss

from . import api, exports, models, reading

INHERITED = "随总有效期"


def inherited(window, field):
    """An end that a clause does not state is the package's, and says so."""
    package = window.measure.package
    if field == "starts_on" and window.start_basis == models.WindowBasis.INHERITED:
        return Derived(INHERITED, package.valid_from)
    if field == "ends_on" and window.end_basis == models.WindowBasis.INHERITED:
        return Derived(INHERITED, package.valid_until)
    return None


def responsible_unit(responsibility):
    """The unit that answers for the measure."""
    return [("unit", responsibility.unit.code)]


def package_search(package):
    """By title and general rules."""
    return SearchText(package.title, body=tuple(rule.quote for rule in package.general_rules.all()))


def measure_search(measure):
    """By its title and the whole clause."""
    return SearchText(
        measure.title,
        body=(measure.quote,),
        part=measure.passage.part,
        units=tuple(row.unit.code for row in measure.responsibilities.all()),
        audiences=tuple(
            group for audience in measure.audiences.all() for group in reading.audience_groups(audience.name)
        ),
    )


def standing(codes, day):
    """How far documents hold that state a common validity of their measures: whole, in part, or no more."""
    windows = models.ValidityWindow.objects.public().filter(
        document__code__in=codes, measure__package__valid_until__isnull=False
    )
    by_document = defaultdict(list)
    package = {"begins": F("measure__package__valid_from"), "ends": F("measure__package__valid_until")}
    for window in windows.annotate(document_code=F("document__code"), **package):
        by_document[window.document_code].append(window)
    found = {}
    for code, rows in by_document.items():
        if any(window.ends >= day for window in rows):
            if all(window.begins and window.begins <= day for window in rows):
                found[code] = "in_force", None
        elif any(models.window_state(window, day) != models.InForce.NO for window in rows):
            found[code] = "partly", max(window.ends for window in rows) + timedelta(days=1)
        else:
            ends = [window.ends_on for window in rows]
            found[code] = "expired", None if None in ends else max(ends) + timedelta(days=1)
    return found


def row_search(name):
    """How a row of a measure is found: by the field that names it, its measure's title, and its words."""

    def search(row):
        return SearchText(getattr(row, name), body=(row.measure.title, row.quote), part=row.passage.part)

    return search


def untied_responsibilities(document):
    """Misses: words of a clause's responsibility parenthesis that no tie explains, and clauses without one."""
    measures = list(
        models.Measure.objects.using(document._state.db).filter(document=document).select_related("passage")
    )
    if not measures:
        return
    tied = defaultdict(set)
    for passage, start, end in document.ties.exclude(rule="verbatim", reason="").values_list("passage", "start", "end"):
        tied[passage].update(range(start, end))
    for measure in measures:
        position = measure.passage.position
        note = reading.read_responsibilities(measure.passage.text)
        if note is None:
            yield Miss(document.code, position, 0, measure.title, f"{measure.code} 末尾没有责任单位括注")
            continue
        for piece in note.pieces:
            if not set(range(piece.start, piece.end)) <= tied[measure.passage_id]:
                yield Miss(document.code, position, piece.start, piece.text, f"{measure.code} 的责任单位括注没有对应")


def register():
    """The package, its measures, their rows."""
    proofs = reading.PROOFS
    register_kind(
        Kind(
            "package",
            models.MeasurePackage,
            public_form(api.PackageSerializer),
            "packages",
            proofs["package"],
            children={"general_rules": "general-rule"},
            check=untied_responsibilities,
            standing=standing,
            search=package_search,
            sign="总",
            columns=exports.PACKAGE,
        )
    )
    register_kind(
        Kind(
            "general-rule",
            models.GeneralRule,
            None,
            proofs=proofs["general-rule"],
            parent="package",
            columns=exports.GENERAL_RULE,
        )
    )
    children = {
        "audiences": "audience",
        "conditions": "condition",
        "responsibilities": "responsibility",
        "budgets": "budget",
        "benefits": "benefit",
        "windows": "validity-window",
        "deadlines": "deadline",
    }
    register_kind(
        Kind(
            "measure",
            models.Measure,
            public_form(api.MeasureSerializer),
            "measures",
            proofs["measure"],
            children=children,
            search=measure_search,
            search_rank=50,
            sign="措",
            columns=exports.MEASURE,
        )
    )
    for name, model, sign, columns in (
        ("audience", models.Audience, "对", exports.AUDIENCE),
        ("condition", models.Condition, "条", exports.CONDITION),
    ):
        register_kind(Kind(name, model, None, proofs=proofs[name], parent="measure", sign=sign, columns=columns))
    register_kind(
        Kind(
            "responsibility",
            models.Responsibility,
            None,
            proofs=proofs["responsibility"],
            parent="measure",
            mentions=responsible_unit,
            sign="责",
            columns=exports.RESPONSIBILITY,
        )
    )
    register_kind(
        Kind(
            "budget",
            models.Budget,
            public_form(api.BudgetSerializer),
            "budgets",
            proofs["budget"],
            parent="measure",
            search=row_search("purpose"),
            sign="资",
            columns=exports.BUDGET,
        )
    )
    register_kind(
        Kind(
            "benefit",
            models.Benefit,
            public_form(api.BenefitSerializer),
            "benefits",
            proofs["benefit"],
            parent="measure",
            search=row_search("name"),
            sign="惠",
            columns=exports.BENEFIT,
        )
    )
    register_kind(
        Kind(
            "validity-window",
            models.ValidityWindow,
            public_form(api.WindowSerializer),
            "validity-windows",
            proofs["validity-window"],
            derive=inherited,
            parent="measure",
            search=row_search("part"),
            sign="期",
            columns=exports.WINDOW,
        )
    )
    register_kind(
        Kind(
            "deadline",
            models.Deadline,
            public_form(api.DeadlineSerializer),
            "deadlines",
            proofs["deadline"],
            parent="measure",
            search=row_search("action"),
            sign="限",
            columns=exports.DEADLINE,
        )
    )
