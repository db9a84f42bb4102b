"""Pages of results: all of them have a number, since no more are ranked than a reader could page through."""

from django.core import paginator as numbered

from ..paging import Page, PageError, Paginator


class ResultPaginator(Paginator):
    """Pages of `gazette.search.results.Results`."""

    def __init__(self, object_list, per_page, orphans=0, allow_empty_first_page=True, **kwargs):
        numbered.Paginator.__init__(self, object_list, per_page, 0, allow_empty_first_page)

    @property
    def count_exact(self) -> bool:
        return self.object_list.count_exact

    @property
    def count(self) -> int:
        return self.object_list.count()

    @property
    def num_pages(self) -> int:
        return max(1, -(-self.count // self.per_page))

    def asked(self, page: str | None = None, cursor: str | None = None) -> Page:
        given = "1" if page is None else page
        if not (given.isascii() and given.isdigit() and 1 <= int(given[:10]) < 10**9):
            raise PageError("page", f"“{given[:20]}”应为从 1 起的整数。")
        if int(given) > self.num_pages:
            raise PageError("page", f"没有第{given}页，共{self.num_pages}页。", missing=True)
        return self.page(int(given))

    def page(self, number) -> Page:
        number = self.validate_number(number)
        start = (number - 1) * self.per_page
        following = {"page": number + 1} if number < self.num_pages else None
        previous = {"page": number - 1} if number > 1 else None
        return Page(self.object_list[start : start + self.per_page], number, self, following, previous)
