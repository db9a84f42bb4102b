"""What an official site must say about itself and this one does not yet: said by `check --deploy`, never in the way."""

from django.conf import settings
from django.core.checks import Info, Tags, register

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
