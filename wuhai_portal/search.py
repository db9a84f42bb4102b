"""The search page."""

from gazette.filters import SearchFilter
from gazette.folding import is_number
from gazette.models import SearchEntry
from gazette.search.hints import suggestions
from gazette.search.paging import ResultPaginator
from gazette.search.results import FACETS, RANKED
from gazette.views import ListPage


class SearchPage(ListPage):
    """One search over everything that is public; without a question, the form alone."""

    title = "检索"
    description = "在文件、段落、目标、项目、措施、单位、人员和职务中逐字查找。"
    template_name = "portal/search.html"
    model = SearchEntry
    filterset_class = SearchFilter
    paginate_by = 20
    paginator_class = ResultPaginator
    downloadable = False

    @classmethod
    def known_parameters(cls):
        # All results that are ranked have a page with a number.
        return super().known_parameters() - {"cursor"}

    def get_queryset(self):
        return SearchEntry.objects.none()

    def get(self, request, *args, **kwargs):
        self.filterset = SearchFilter(self.query, queryset=self.get_queryset(), request=request)
        self.asked, self.results = "q" in self.query, None
        if self.filterset.is_valid():
            self.results = self.filterset.qs
        elif self.asked:
            self.status = 400
        self.object_list = self.get_queryset() if self.results is None else self.results
        return self.render_to_response(self.get_context_data())

    def get_context_data(self, **kwargs):
        context = super().get_context_data(asked=self.asked, q=self.query.get("q", ""), **kwargs)
        context["chips"] = [chip for chip in context["chips"] if "q" not in chip.without]
        if self.results is not None:
            words = self.results.query.words
            context |= {
                "results": context["object_list"],
                "facets": self._facets(),
                "exact": self.results.count_exact,
                "ranked": RANKED,
                "one_character": any(len(word.units) == 1 and not is_number(word.units[0]) for word in words),
                "has_number": any(is_number(unit) for word in words for unit in word.units),
            }
            if not self.results.count():
                context["suggestions"] = [
                    (text, count, {"q": text, "page": None, **dict.fromkeys(FACETS)})
                    for text, count in suggestions(self.results.query)
                ]
        return context

    def _facets(self):
        """Each facet with something to choose: its label, and its values with the change that chooses or drops them."""
        form, facets = self.filterset.form, self.results.facets()
        for name in FACETS:
            chosen = self.results.chosen.get(name)
            if chosen is not None or len(facets[name]) > 1:
                yield (
                    form.fields[name].label,
                    [
                        (value, value["value"] == chosen, self._choice(name, value["value"], chosen))
                        for value in facets[name]
                    ],
                )

    def _choice(self, name, value, chosen):
        return {name: None if value == chosen else value, "page": None}
