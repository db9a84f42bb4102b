"""The second factor: codes of a phone (TOTP) and recovery codes; django-otp keeps, checks and throttles them."""

import io
import re
from base64 import b32encode

import segno
from django.db import transaction
from django.utils import timezone
from django.utils.safestring import mark_safe
from django_otp.plugins.otp_static.models import StaticDevice, StaticToken
from django_otp.plugins.otp_totp.models import TOTPDevice

from gazette.models import EventKind
from gazette.security import record_event

RECOVERY_CODES = 10
WRONG = "动态口令不正确或已经用过，请填写手机上最新的六位数字，或一个没有用过的恢复码。"


def device_of(user):
    """The phone with which a user has enrolled, or None."""
    return TOTPDevice.objects.filter(user=user, confirmed=True).first()


def pending_device(user):
    """The phone that a user is enrolling: the same secret until a code of it is confirmed."""
    device = TOTPDevice.objects.filter(user=user, confirmed=False).first()
    return device or TOTPDevice.objects.create(user=user, name="手机", confirmed=False)


def secret_of(device):
    """The secret as one types it into a phone, in groups of four."""
    secret = b32encode(device.bin_key).decode()
    return " ".join(re.findall(".{1,4}", secret))


def picture_of(device):
    """The secret as a QR code (SVG), drawn anew each time: a cache would keep it."""
    picture = io.BytesIO()
    segno.make(device.config_url, error="m", micro=False).save(
        picture, kind="svg", xmldecl=False, svgclass="qr", lineclass=None, omitsize=True, nl=False
    )
    return mark_safe(picture.getvalue().decode().replace("<svg ", '<svg role="img" aria-label="密钥的二维码" ', 1))


def verify(user, code):
    """Check a code of the phone, or a recovery code: the device that accepted it or None, and what to say."""
    code = re.sub(r"[\s-]", "", code).lower()
    model = TOTPDevice if re.fullmatch("[0-9]{6}", code) else StaticDevice
    return _accept(model.objects.filter(user=user, confirmed=True), code)


def confirm(user, code):
    """End the enrolment with the first code: the recovery codes, and what to say where it is wrong."""
    with transaction.atomic():
        device, problem = _accept(TOTPDevice.objects.filter(user=user, confirmed=False), re.sub(r"\s", "", code))
        if problem:
            return None, [], problem
        device.confirmed = True
        device.save(update_fields=["confirmed"])
        TOTPDevice.objects.filter(user=user, confirmed=False).delete()
        codes = _give_codes(user)
        record_event(EventKind.SECOND_FACTOR_SET, user=user)
    return device, codes, ""


def _accept(devices, code):
    """Try a code on the first of these devices, which nobody else tries meanwhile."""
    with transaction.atomic():
        device = devices.select_for_update().first()
        if device is None:
            return None, WRONG
        allowed, why = device.verify_is_allowed()
        if not allowed:
            seconds = max(1, round((why["locked_until"] - timezone.now()).total_seconds()))
            return None, f"刚才的动态口令不正确，请等{seconds}秒再试。"
        return (device, "") if device.verify_token(code) else (None, WRONG)


def replace_codes(user):
    """New recovery codes; the old ones hold no longer."""
    with transaction.atomic():
        codes = _give_codes(user)
        record_event(EventKind.RECOVERY_CODES, user=user)
    return codes


def _give_codes(user):
    device, _made = StaticDevice.objects.get_or_create(user=user, name="恢复码")
    device.token_set.all().delete()
    codes = [StaticToken.random_token() for _ in range(RECOVERY_CODES)]
    StaticToken.objects.bulk_create(StaticToken(device=device, token=code) for code in codes)
    return codes


def codes_left(user):
    """How many recovery codes a user has."""
    return StaticToken.objects.filter(device__user=user).count()


def reset(user):
    """Take a user's second factor away, so that he or she enrols anew."""
    with transaction.atomic():
        for model in (TOTPDevice, StaticDevice):
            model.objects.filter(user=user).delete()
        record_event(EventKind.SECOND_FACTOR_RESET, user=user)
