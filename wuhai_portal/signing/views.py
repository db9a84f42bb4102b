"""The page on which a member of staff enrols a phone."""

import django_otp
from django.contrib import admin, messages
from django.http import HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse

from . import second_factor
from .forms import CodeForm


def enrol(request):
    """Show the secret of a new phone and take its first code; of who has enrolled, replace the recovery codes."""
    user, context = request.user, {**admin.site.each_context(request), "title": "动态口令"}
    if device := second_factor.device_of(user):
        if request.method == "POST":
            return _replace_codes(request, context)
        context |= {"device": device, "left": second_factor.codes_left(user), "verified": user.otp_device is not None}
        return TemplateResponse(request, "admin/second_factor.html", context)
    form = CodeForm(request.POST or None)
    if form.is_valid():
        device, codes, problem = second_factor.confirm(user, form.cleaned_data["code"])
        if not problem:
            django_otp.login(request, device)
            return _show_codes(request, context, codes, "动态口令已启用。")
        form.add_error("code", problem)
    pending = second_factor.pending_device(user)
    context |= {
        "form": form,
        "picture": second_factor.picture_of(pending),
        "secret": second_factor.secret_of(pending),
    }
    return TemplateResponse(request, "admin/second_factor.html", context)


def _replace_codes(request, context):
    if "_replace" not in request.POST or request.user.otp_device is None:
        messages.warning(request, "动态口令已经启用；更换恢复码请用动态口令重新登录后再试。")
        return HttpResponseRedirect(reverse("second-factor"))
    return _show_codes(request, context, second_factor.replace_codes(request.user), "恢复码已更换，以前的不再有效。")


def _show_codes(request, context, codes, said):
    """The recovery codes, this once: the answer to a form, which nobody can call up again."""
    return TemplateResponse(request, "admin/second_factor.html", context | {"codes": codes, "said": said})
