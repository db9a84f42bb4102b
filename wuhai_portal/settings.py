"""All settings of the portal; what differs between machines comes from the environment, read strictly."""

import os
import sys
from datetime import timedelta
from pathlib import Path

from csp.constants import NONE, SELF

from wuhai_portal import environment

BASE_DIR = Path(__file__).resolve().parent.parent

environment.refuse_unknown(os.environ)

DEBUG = environment.flag(os.environ, "WUHAI_DEBUG")
# Tests, like development, read static files where they lie and need no collected copy.
UNCOLLECTED = DEBUG or "pytest" in sys.modules

# Where it runs

DATA_DIR = environment.data_dir(os.environ, BASE_DIR / "var")
SITE_ADDRESS = environment.site_address(os.environ)
BEHIND_PROXY = environment.flag(os.environ, "WUHAI_BEHIND_PROXY")
SECRET_KEY = environment.secret_key(os.environ, DATA_DIR / "secret_key")
DATABASES = environment.databases(os.environ, DATA_DIR / "portal.sqlite3")
# The alias of reads in which several queries must agree (gazette.reads).
SNAPSHOT_ALIAS = "snapshot"
# Public answers are cached in front of the stack (wuhai_portal.public_cache); while developing, each is made anew.
PUBLIC_CACHE = not UNCOLLECTED
CACHES = environment.caches(os.environ)
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# Who it is. Empty until set: a number or a name is never invented.

SITE_NAME = environment.text(os.environ, "WUHAI_SITE_NAME") or "乌海市政务公开记录"
SITE_DOMAIN = SITE_ADDRESS.domain
SITE_SPONSOR = environment.text(os.environ, "WUHAI_SPONSOR") or ""  # 主办单位
SITE_CODE = environment.matching(  # 网站标识码
    os.environ, "WUHAI_SITE_CODE", r"[0-9a-z]{2}[0-9]{8}", "请写 10 位网站标识码。"
)
SITE_ICP_NUMBER = environment.text(os.environ, "WUHAI_ICP_NUMBER") or ""  # ICP备案
SITE_POLICE_NUMBER = environment.text(os.environ, "WUHAI_POLICE_NUMBER") or ""  # 公安备案
SITE_FAULT_REPORT_URL = environment.matching(  # 我为政府网站找错
    os.environ, "WUHAI_FAULT_REPORT_URL", r"https?://\S+", "请写以 https:// 开头的网址。"
)
SITE_DATA_LICENCE = environment.text(os.environ, "WUHAI_DATA_LICENCE") or ""  # 数据许可

# By how many points a report may lag behind the days gone before its light turns yellow, and red (plans.lights).

PROGRESS_YELLOW, PROGRESS_RED = environment.lag(os.environ)

# How many people review a document, one after the other, before it is public; the last step is always the final one.

REVIEW_STEPS = environment.review_steps(os.environ)
REVIEW_STEP_NAMES = {"first": "初审", "second": "复审", "final": "终审"}

# Security follows the site address: all of it under https, none of what would break plain http on loopback.

ALLOWED_HOSTS = SITE_ADDRESS.allowed_hosts
CSRF_TRUSTED_ORIGINS = [str(SITE_ADDRESS)]
CSRF_COOKIE_SECURE = SITE_ADDRESS.https
SESSION_COOKIE_SECURE = SITE_ADDRESS.https
SECURE_SSL_REDIRECT = SITE_ADDRESS.https
SECURE_HSTS_SECONDS = 31_536_000 if SITE_ADDRESS.https else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = SITE_ADDRESS.https
SECURE_HSTS_PRELOAD = SITE_ADDRESS.https
# Anyone can send this header; only a proxy that always sets it makes it true.
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if BEHIND_PROXY else None
X_FRAME_OPTIONS = "DENY"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "base-uri": [SELF],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
        "object-src": [NONE],
    }
}
AUTH_USER_MODEL = "gazette.User"

# Signing in (wuhai_portal.signing). A portal for loopback is tried out with one password; a public one is not.

PASSWORD_MIN_LENGTH = environment.number(os.environ, "WUHAI_PASSWORD_MIN_LENGTH", default=10, lowest=8, highest=64)
PASSWORD_MAX_AGE_DAYS = environment.number(os.environ, "WUHAI_PASSWORD_MAX_AGE_DAYS", default=90, lowest=0, highest=365)
IDLE_MINUTES = environment.number(os.environ, "WUHAI_IDLE_MINUTES", default=30, lowest=1, highest=480)
SECOND_FACTOR_REQUIRED = environment.second_factor_required(os.environ, default=SITE_ADDRESS.https)
AUTHENTICATION_BACKENDS = ["axes.backends.AxesStandaloneBackend", "django.contrib.auth.backends.ModelBackend"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {
        "NAME": "wuhai_portal.signing.passwords.LongEnough",
        "OPTIONS": {"min_length": PASSWORD_MIN_LENGTH},
    },
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
    {"NAME": "wuhai_portal.signing.passwords.CharacterClasses", "OPTIONS": {"least": 3}},
    {"NAME": "wuhai_portal.signing.passwords.NotUsedBefore", "OPTIONS": {"remembered": 5}},
]
# The longest that anybody stays signed in, however busy.
SESSION_COOKIE_AGE = 12 * 60 * 60
SESSION_EXPIRE_AT_BROWSER_CLOSE = True

AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_FAILURE_LIMIT = 5
AXES_COOLOFF_TIME = timedelta(minutes=30)
# Who goes on trying while locked is not locked for longer: a colleague's browser may try by itself.
AXES_RESET_COOL_OFF_ON_FAILURE_DURING_LOCKOUT = False
AXES_RESET_ON_SUCCESS = True
AXES_CLIENT_IP_CALLABLE = "gazette.security.client_address"
AXES_LOCKOUT_CALLABLE = "wuhai_portal.signing.lockout.locked_page"
AXES_SENSITIVE_PARAMETERS = ["username", "ip_address", "code"]
# The security log is ours (gazette.security); what the library would keep beside its attempts is left out.
AXES_DISABLE_ACCESS_LOG = True
AXES_ENABLE_ADMIN = False
AXES_VERBOSE = False
OTP_TOTP_ISSUER = SITE_NAME

# What it is made of

INSTALLED_APPS = [
    # Before the roof, which takes its pages off the desk.
    "django_tasks_db",
    "wuhai_portal",
    "gazette",
    "plans",
    "measures",
    "personnel",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "rest_framework",
    "django_filters",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "simple_history",
    "axes",
    "django_otp",
    "django_otp.plugins.otp_static",
    "django_otp.plugins.otp_totp",
    "csp",
]
MIDDLEWARE = [
    # In front of everything: what it answers costs no session, no authentication, no view.
    "wuhai_portal.public_cache.PublicCacheMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django_otp.middleware.OTPMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "simple_history.middleware.HistoryRequestMiddleware",
    "wuhai_portal.signing.middleware.SigningMiddleware",
    "axes.middleware.AxesMiddleware",
]
ROOT_URLCONF = "wuhai_portal.urls"
WSGI_APPLICATION = "wuhai_portal.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "wuhai_portal.context.site",
            ],
        },
    },
]

# Language and time

LANGUAGE_CODE = "zh-hans"
LANGUAGES = [("zh-hans", "简体中文")]
TIME_ZONE = "Asia/Shanghai"
USE_TZ = True

# What takes long is done by a worker (`manage.py work`), whose queue is in the database.

TASKS = {"default": {"BACKEND": "django_tasks_db.DatabaseBackend"}}

# Static files

STATIC_URL = "/static/"
STATIC_ROOT = DATA_DIR / "static"
STATICFILES_DIRS = []
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
        if UNCOLLECTED
        else "whitenoise.storage.CompressedManifestStaticFilesStorage"
    },
}
WHITENOISE_AUTOREFRESH = UNCOLLECTED
WHITENOISE_USE_FINDERS = UNCOLLECTED

# API

REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": [],
    "DEFAULT_PARSER_CLASSES": ["rest_framework.parsers.JSONParser"],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.AllowAny"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_SCHEMA_CLASS": "gazette.api.schema.ApiSchema",
    "EXCEPTION_HANDLER": "gazette.api.problem_details",
    "TEST_REQUEST_DEFAULT_FORMAT": "json",
    "UNAUTHENTICATED_USER": None,
}
SPECTACULAR_SETTINGS = {
    # The schema is committed: nothing in it may differ between sites.
    "TITLE": "乌海市政务公开记录 API",
    "VERSION": "1",
    "DESCRIPTION": "只读接口。金额为整数元的字符串，小数为字符串，日期为 ISO 8601；错误为 RFC 9457 的问题详情。",
    "SCHEMA_PATH_PREFIX": "/api/v1",
    "ENUM_ADD_EXPLICIT_BLANK_NULL_CHOICE": False,
    "ENUM_NAME_OVERRIDES": {
        "DateBasis": "gazette.models.DateBasis",
        "DocumentKind": "gazette.models.DocumentKind",
        "PassageKind": "gazette.models.PassageKind",
        "RelationKind": "gazette.models.RelationKind",
        "Standing": "gazette.validity.Standing",
        "UnitKind": "gazette.models.UnitKind",
        "Operation": "gazette.models.Operation",
        "WithdrawalReason": "gazette.models.WithdrawalReason",
        "ProjectKind": "plans.models.ProjectKind",
        "Qualifier": "plans.models.Qualifier",
        "DueBasis": "plans.models.DueBasis",
        "LightEnum": "plans.models.Light",
        "Limit": "measures.models.Limit",
        "BenefitKind": "measures.models.BenefitKind",
        "WindowBasis": "measures.models.WindowBasis",
        "AppointmentKind": "personnel.models.AppointmentKind",
    },
    "OAS_VERSION": "3.1.1",
    "POSTPROCESSING_HOOKS": [
        "drf_spectacular.hooks.postprocess_schema_enums",
        "gazette.api.schema.without_column_limits",
    ],
    "SERVE_INCLUDE_SCHEMA": False,
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
}

# The form of a measure posts ten fields for each of its rows; a page that was sent is never refused for having many.

DATA_UPLOAD_MAX_NUMBER_FIELDS = 10_000

# History. A published record is corrected and not edited, so nobody reverts one from its history page.

SIMPLE_HISTORY_HISTORY_CHANGE_REASON_USE_TEXT_FIELD = True
SIMPLE_HISTORY_REVERT_DISABLED = True

# Everything goes to stderr, one short line each; an error brings its traceback.

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "{levelname} {name}: {message}", "style": "{"}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["stderr"], "level": "INFO"},
    # Django's own handlers are replaced: they are silent without DEBUG, or send mail.
    "loggers": {
        "django": {"handlers": [], "level": "INFO", "propagate": True},
        # Scanners ask for hosts that are not ours all day long; they are answered 400, and need no traceback.
        "django.security.DisallowedHost": {"level": "CRITICAL"},
        "axes": {"level": "WARNING"},
    },
}
