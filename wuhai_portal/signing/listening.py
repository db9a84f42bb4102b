"""What the security log hears: signing in and out, and changes to users, groups, their rights and their deputies."""

from django.contrib.auth.models import Group
from django.contrib.auth.signals import user_logged_in, user_logged_out, user_login_failed
from django.db.models.signals import m2m_changed, post_save, pre_delete, pre_save
from django_otp.plugins.otp_static.models import StaticDevice

from gazette.models import Deputy, EventKind, Unit, User
from gazette.security import record_event

from . import second_factor
from .middleware import stamp
from .passwords import remember

# Field → its name, and the kind of event that its change is.
WATCHED = {
    "username": ("用户名", EventKind.USER_CHANGED),
    "unit_id": ("所属单位", EventKind.USER_CHANGED),
    "is_active": ("有效", EventKind.USER_CHANGED),
    "is_staff": ("工作人员", EventKind.RIGHTS_CHANGED),
    "is_superuser": ("超级用户", EventKind.RIGHTS_CHANGED),
}
# Table between → field of its owner, name, kind.
MEMBERSHIPS = {
    User.groups.through: ("groups", "组", EventKind.RIGHTS_CHANGED),
    User.user_permissions.through: ("user_permissions", "单独授予的权限", EventKind.RIGHTS_CHANGED),
    Group.permissions.through: ("permissions", "权限", EventKind.GROUP_CHANGED),
}


def connect():
    """Listen; called once, when all apps are loaded."""
    user_logged_in.connect(signed_in)
    user_logged_out.connect(signed_out)
    user_login_failed.connect(failed)
    pre_save.connect(user_before, sender=User)
    post_save.connect(user_saved, sender=User)
    pre_delete.connect(user_deleted, sender=User)
    pre_save.connect(group_before, sender=Group)
    post_save.connect(group_saved, sender=Group)
    pre_delete.connect(group_deleted, sender=Group)
    pre_save.connect(deputy_before, sender=Deputy)
    post_save.connect(deputy_saved, sender=Deputy)
    pre_delete.connect(deputy_deleted, sender=Deputy)
    for through in MEMBERSHIPS:
        m2m_changed.connect(membership_changes, sender=through)
    # Its import connects the lock-out's own listeners: a failure is to be written down before the lock that it brings.
    from axes.signals import user_locked_out

    user_locked_out.connect(locked)


# Signing in and out


def signed_in(sender, request, user, **kwargs):
    """Somebody signed in: the session begins."""
    stamp(request.session)
    device, detail = getattr(user, "otp_device", None), ""
    if isinstance(device, StaticDevice):
        detail = f"用恢复码，还剩{second_factor.codes_left(user)}个"
    elif device is not None:
        detail = "用动态口令"
    record_event(EventKind.LOGIN, detail, user=user, by=user, request=request)


def signed_out(sender, request, user, **kwargs):
    """Somebody signed out."""
    if user is not None:
        record_event(EventKind.LOGOUT, user=user, by=user, request=request)


def failed(sender, credentials, request=None, why="用户名或密码不正确", **kwargs):
    """Somebody did not get in."""
    name = str(credentials.get("username") or "")
    if getattr(request, "axes_locked_out", False):
        why = "锁定期间，未核对密码"
    user = User.objects.filter(username=name).first()
    record_event(EventKind.LOGIN_FAILED, why, user=user, name=name, request=request)


def locked(sender, request, username, **kwargs):
    """A name was locked out from an address; the library also says so for each later attempt, which counts nothing."""
    if request.axes_failures_since_start is not None:
        user = User.objects.filter(username=username).first()
        detail = f"连续失败{request.axes_failures_since_start}次"
        record_event(EventKind.LOCKED, detail, user=user, name=username or "", request=request)


# Users, groups and their rights


def _words(value, field=""):
    """A value in words."""
    if isinstance(value, bool):
        return "是" if value else "否"
    if field == "unit_id":
        return Unit.objects.values_list("name", flat=True).get(pk=value) if value else "无"
    return str(value)


def _names(rows):
    return "、".join(sorted(row.name for row in rows)) or "无"


def user_before(sender, instance, update_fields=None, **kwargs):
    """What is watched, as it was."""
    instance._was = None
    if instance.pk and (update_fields is None or WATCHED.keys() & set(update_fields)):
        instance._was = User.objects.filter(pk=instance.pk).values(*WATCHED).first()


def user_saved(sender, instance, created, **kwargs):
    """A user was made, or something that is watched changed: old → new."""
    if created:
        rights = "、".join(
            f"{WATCHED[field][0]}：{_words(getattr(instance, field))}" for field in ("is_staff", "is_superuser")
        )
        record_event(EventKind.USER_CHANGED, f"新建用户；{rights}", user=instance)
        if instance.password:
            remember(instance)
        return
    for field, old in (instance._was or {}).items():
        new = getattr(instance, field)
        if old != new:
            label, kind = WATCHED[field]
            record_event(kind, f"{label}：{_words(old, field)} → {_words(new, field)}", user=instance)


def user_deleted(sender, instance, **kwargs):
    """A user who never did anything was deleted."""
    record_event(EventKind.USER_CHANGED, "删除用户", name=instance.username)


def group_before(sender, instance, **kwargs):
    """The group's name, as it was."""
    instance._was = Group.objects.filter(pk=instance.pk).values_list("name", flat=True).first() if instance.pk else None


def group_saved(sender, instance, created, **kwargs):
    """A group was made or renamed."""
    if created:
        record_event(EventKind.GROUP_CHANGED, "新建组", name=instance.name)
    elif instance._was != instance.name:
        record_event(EventKind.GROUP_CHANGED, f"名称：{instance._was} → {instance.name}", name=instance.name)


def group_deleted(sender, instance, **kwargs):
    """A group was deleted, and its members lost its rights."""
    members = "、".join(instance.user_set.order_by("username").values_list("username", flat=True)) or "无"
    record_event(EventKind.GROUP_CHANGED, f"删除组；原有成员：{members}", name=instance.name)


def membership_changes(sender, instance, action, reverse, model, pk_set, **kwargs):
    """Groups of a user, or permissions of a user or a group, are about to change: old → new, from either side."""
    if action not in ("pre_add", "pre_remove", "pre_clear"):
        return
    field, label, kind = MEMBERSHIPS[sender]
    if not reverse:
        owners = [instance]
    elif action == "pre_clear":
        owners = sender._meta.get_field(_owner_name(sender)).related_model.objects.filter(**{field: instance})
    else:
        owners = model.objects.filter(pk__in=pk_set)
    for owner in owners:
        old = set(getattr(owner, field).all())
        touched = {instance} if reverse else old if action == "pre_clear" else set(model.objects.filter(pk__in=pk_set))
        new = old | touched if action == "pre_add" else old - touched
        if new != old:
            whom = {"user": owner} if isinstance(owner, User) else {"name": owner.name}
            record_event(kind, f"{label}：{_names(old)} → {_names(new)}", **whom)


# Who reviews in whose place


def _standing(deputy):
    """Whom somebody stands in for, and when."""
    return f"代理{deputy.principal.get_username()}审核，{deputy.starts_on}至{deputy.ends_on}"


def deputy_before(sender, instance, **kwargs):
    """Who stood in for whom, as it was."""
    instance._was = Deputy.objects.select_related("deputy", "principal").filter(pk=instance.pk).first()


def deputy_saved(sender, instance, **kwargs):
    """Somebody may review in another's place, on other days, or no more."""
    was, now = instance._was, _standing(instance)
    if was is None or was.deputy_id != instance.deputy_id:
        if was is not None:
            deputy_deleted(sender, was)
        record_event(EventKind.RIGHTS_CHANGED, f"指定{now}", user=instance.deputy)
    elif (old := _standing(was)) != now:
        record_event(EventKind.RIGHTS_CHANGED, f"{old} → {now}", user=instance.deputy)


def deputy_deleted(sender, instance, **kwargs):
    """Somebody reviews in another's place no more."""
    record_event(EventKind.RIGHTS_CHANGED, f"取消{_standing(instance)}", user=instance.deputy)


def _owner_name(through):
    return "group" if through is Group.permissions.through else "user"
