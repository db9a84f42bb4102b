"""The notice before a reader leaves the site."""

from django.conf import settings
from django.shortcuts import render
from django.views import generic

from gazette.views import Page

ICP_REGISTER = "https://beian.miit.gov.cn/"
POLICE_REGISTER = "https://beian.mps.gov.cn/"


def outside_links() -> dict[str, str]:
    """The addresses of others to which the site's own pages link, and whose they are.

    The notice names no other address: it would lend the site's name to whoever sends people a link to it.
    """
    links = {settings.SITE_FAULT_REPORT_URL: "我为政府网站找错"} if settings.SITE_FAULT_REPORT_URL else {}
    if settings.SITE_ICP_NUMBER:
        links[ICP_REGISTER] = "工业和信息化部ICP备案管理系统"
    if settings.SITE_POLICE_NUMBER:
        links[POLICE_REGISTER] = "公安机关互联网站安全服务平台"
    return links


class Leave(Page, generic.TemplateView):
    """Names the address that a link leads to, and lets the reader choose; it never leads there by itself."""

    template_name = "portal/leave.html"
    title = "离开本站"

    @classmethod
    def known_parameters(cls):
        return {"to", "on"}

    def get(self, request, *args, **kwargs):
        if self.query.get("to") not in outside_links():
            sentence = "本站没有通往这个地址的链接，所以不提供跳转。"
            return render(request, "400.html", {"sentence": sentence}, status=400)
        return super().get(request, *args, **kwargs)

    def get_context_data(self, **kwargs):
        to = self.query["to"]
        return super().get_context_data(to=to, owner=outside_links()[to], **kwargs)
