"""Accounts and roles at the desk: each of the three administrators sees and changes only his or her part."""

from django import forms
from django.contrib import admin
from django.contrib.admin.utils import flatten_fieldsets
from django.contrib.auth.admin import GroupAdmin as DjangoGroupAdmin
from django.contrib.auth.models import Group
from django.core.exceptions import PermissionDenied

from gazette.admin import UserAdmin
from gazette.admin_bulk import Held
from gazette.models import User
from gazette.refusals import Refused
from gazette.review_people import person

from . import roles
from .signing.admin import StaffAdmin

GRANT, CHANGE = "gazette.grant_role", "gazette.change_user"
# What the page of several accounts tells of each.
TOLD = ("username", "last_name", "first_name", "unit", "is_active")
RIGHTS = {"is_staff", "is_superuser", "groups", "user_permissions"}


class StaffForm(UserAdmin.form):
    """An account; roles that one person must not hold together are refused beside their field."""

    class Meta(UserAdmin.form.Meta):
        help_texts = {
            "last_name": "本人的姓，不写名；审核和办理的记录中显示。",
            "first_name": "本人的名，不写姓；审核和办理的记录中显示。",
            "email": "单位的工作邮箱，只供同事联系，系统不发邮件；没有的留空。",
        }

    def clean_groups(self):
        """三员分立, as `roles.refuse_together` says it."""
        groups = self.cleaned_data["groups"]
        roles.refuse_together(group.name for group in groups)
        return groups


class DeactivateSelected(Held):
    """Stop accounts; the security log has a line for each."""

    name = "deactivate_selected"
    label = "停用所选账号"
    permission = CHANGE
    before = "停用后不能登录，正在使用的随即退出；已办的事仍在其名下。要恢复的，到该用户的页面重新勾选“有效”。"
    done, undone = "已停用{}个账号。", "{}个账号没有停用"

    def refuse(self, row):
        """Oneself, who is above, and what is stopped."""
        if row.pk == self.user.pk:
            raise Refused("不能停用自己的账号，请由另一位系统管理员办理。")
        if row.is_superuser and not self.user.is_superuser:
            raise Refused("超级用户的账号只能由超级用户停用。")
        if not row.is_active:
            raise Refused("这个账号已经停用。")

    def about(self, row):
        """Whose account it is."""
        return filter(None, [person(row), str(row.unit or "")])

    def joined(self, rows):
        """With the units."""
        return rows.select_related("unit")

    def states(self, keys):
        """Whose account it is; that somebody signed in meanwhile is no change."""
        rows = User.objects.filter(pk__in=keys).values_list("pk", *TOLD)
        return {key: told for key, *told in rows}

    def run(self, row, said, seen):
        """As its own page saves it."""
        row.is_active = False
        self.admin.save_model(self.request, row, None, True)


class ByRole:
    """An admin of users: accounts for who may change users, roles for who may grant them, the rest to be read.

    Nobody but a superuser touches a superuser or makes one, and nobody changes what he or she may do.
    """

    form = StaffForm
    bulk = [DeactivateSelected]

    def _may(self, request, permission):
        return request.user.has_perm(permission)

    def has_change_permission(self, request, obj=None):
        """Who keeps accounts or grants roles."""
        if obj and obj.is_superuser and not request.user.is_superuser:
            return False
        return super().has_change_permission(request, obj) or self._may(request, GRANT)

    def get_list_filter(self, request):
        """Who keeps accounts does not see what they may do."""
        return ["is_active", *(["groups", "is_superuser"] if self._sees_rights(request) else [])]

    def get_list_display(self, request):
        """The same."""
        shown = super().get_list_display(request)
        return [*shown, "held_roles"] if self._sees_rights(request) else shown

    def get_queryset(self, request):
        """With the roles, for the list."""
        return super().get_queryset(request).prefetch_related("groups")

    @admin.display(description="角色")
    def held_roles(self, obj):
        """The names of the groups."""
        return "、".join(group.name for group in obj.groups.all())

    def _sees_rights(self, request):
        return request.user.is_superuser or not self._may(request, CHANGE)

    def get_fieldsets(self, request, obj=None):
        """Without rights for who keeps accounts: an account is made of staff, and active."""
        fieldsets = super().get_fieldsets(request, obj)
        if obj is None or self._sees_rights(request):
            return fieldsets
        return [
            (name, options | {"fields": [field for field in options["fields"] if field not in RIGHTS]})
            for name, options in fieldsets
        ]

    def get_readonly_fields(self, request, obj=None):
        """All but the roles for who grants them; of one's own account, the rights."""
        fields = [*super().get_readonly_fields(request, obj)]
        if obj is None:
            return fields
        if not request.user.is_superuser and not self._may(request, CHANGE):
            shown = flatten_fieldsets(self.get_fieldsets(request, obj))
            fields += [name for name in shown if name not in {"groups", *fields}]
        if obj == request.user:
            fields += [name for name in ("is_superuser", "groups", "user_permissions") if name not in fields]
        return fields

    def user_change_password(self, request, id, form_url=""):
        """Passwords belong to accounts."""
        if not self._may(request, CHANGE):
            raise PermissionDenied
        return super().user_change_password(request, id, form_url)

    def save_model(self, request, obj, form, change):
        """Whoever gets an account works at the desk."""
        if not change:
            obj.is_staff = True
        super().save_model(request, obj, form, change)


class GroupForm(forms.ModelForm):
    """A group of one's own."""

    class Meta:
        help_texts = {"name": "不能与角色同名；角色由系统维护，另建的组只在角色不合用时用。"}


class GroupAdmin(DjangoGroupAdmin):
    """Groups; those of the roles hold what the program says, and are looked at."""

    form = GroupForm

    def has_change_permission(self, request, obj=None):
        """Not those of the roles."""
        return super().has_change_permission(request, obj) and not (obj and obj.name in roles.BY_NAME)

    def has_delete_permission(self, request, obj=None):
        """Not those of the roles."""
        return super().has_delete_permission(request, obj) and not (obj and obj.name in roles.BY_NAME)

    def get_deleted_objects(self, objs, request):
        """Deleting several, a role among them, is refused by name."""
        deleted, counts, needed, protected = super().get_deleted_objects(objs, request)
        return deleted, counts, needed, [*protected, *(group.name for group in objs if group.name in roles.BY_NAME)]


class RoledStaffAdmin(ByRole, StaffAdmin):
    """A member of staff, each part for the administrator whose it is."""


admin.site.unregister([User, Group])
admin.site.register(User, RoledStaffAdmin)
admin.site.register(Group, GroupAdmin)
