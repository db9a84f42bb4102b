"""What `check --deploy` says: what an official site lacks, never in the way; what a public one leaves open."""

from django.conf import settings
from django.core.checks import Error, Info, Tags, Warning, register
from django.db import DatabaseError

FURNITURE = [
    ("SITE_DOMAIN", "网站域名", "请把 WUHAI_SITE_ADDRESS 写成对外的域名地址。"),
    ("SITE_CODE", "网站标识码", "取得后写入 WUHAI_SITE_CODE。"),
    ("SITE_SPONSOR", "主办单位", "请写入 WUHAI_SPONSOR。"),
    ("SITE_ICP_NUMBER", "ICP备案号", "取得后写入 WUHAI_ICP_NUMBER。"),
    ("SITE_POLICE_NUMBER", "公安备案号", "取得后写入 WUHAI_POLICE_NUMBER。"),
    ("SITE_FAULT_REPORT_URL", "“我为政府网站找错”的网址", "取得后写入 WUHAI_FAULT_REPORT_URL。"),
    ("SITE_DATA_LICENCE", "数据许可", "由主办单位决定后写入 WUHAI_DATA_LICENCE。"),
]


@register(Tags.compatibility, deploy=True)
def furniture_is_set(app_configs, **kwargs):
    """`wuhai.I001` to `I007`: one line for each that is empty."""
    return [
        Info(f"{label}未设置。", hint=hint, id=f"wuhai.I{number:03}")
        for number, (name, label, hint) in enumerate(FURNITURE, 1)
        if not getattr(settings, name)
    ]


@register(Tags.security, deploy=True)
def second_factor_is_required(app_configs, **kwargs):
    """`wuhai.W001`: a site that others reach lets staff in by the password alone."""
    if settings.SECOND_FACTOR_REQUIRED or not settings.SITE_ADDRESS.https:
        return []
    hint = "请删去 WUHAI_SECOND_FACTOR，或写 required。"
    return [Warning("工作人员只凭密码就能登录对外的站点。", hint=hint, id="wuhai.W001")]


@register(Tags.database, deploy=True)
def no_superuser_in_production(app_configs, databases=None, **kwargs):
    """`wuhai.E001`: an account that no role bounds, on a site that others reach; asked only with `--database`."""
    if "default" not in (databases or ()) or settings.DEBUG or not settings.SITE_ADDRESS.https:
        return []
    names = "、".join(superusers())
    if not names:
        return []
    return [
        Error(
            f"超级用户不受角色约束，对外的站点不应有可登录的超级用户：{names}。",
            hint="请用 create_staff 为各人建立账号，再执行 manage.py retire_superuser 用户名。",
            id="wuhai.E001",
        )
    ]


def superusers():
    """The names of the superusers who can sign in; none where the database has no tables yet."""
    from gazette.models import User

    try:
        return list(User.objects.filter(is_superuser=True, is_active=True).values_list("username", flat=True))
    except DatabaseError:
        return []
