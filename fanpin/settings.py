"""The one settings file: everything comes from the environment, production refuses unsafe values.

`FANPIN_DATA` is the folder of private services, uploads and logs; `DATABASE_URL` and `REDIS_URL` name real
servers. Without them manage.py starts private ones (fanpin.embedded) and sets both before this file is read.
"""

from pathlib import Path

import environ
from csp.constants import NONE, SELF
from django.core.exceptions import ImproperlyConfigured

BASE_DIR = Path(__file__).resolve().parent.parent
env = environ.Env()

DATA_DIR = Path(env.str("FANPIN_DATA", default=str(BASE_DIR / ".data")))
DEBUG = env.bool("DEBUG", default=False)
PRODUCTION = env.bool("FANPIN_PRODUCTION", default=False)
DEMO = env.bool("FANPIN_DEMO", default=False)
DEFAULT_SECRET_KEY = "only-for-demonstration-and-tests-never-for-a-county"
SECRET_KEY = env.str("SECRET_KEY", default=DEFAULT_SECRET_KEY)
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=["*"] if not PRODUCTION else [])
CSRF_TRUSTED_ORIGINS = env.list("CSRF_TRUSTED_ORIGINS", default=[])
# How many proxies of our own stand between the visitor and us; their X-Forwarded-For is believed, no other.
PROXIES = env.int("FANPIN_PROXIES", default=0)

INSTALLED_APPS = [
    # Before ours: fanpin.accounts takes its groups out of the admin.
    "django.contrib.auth",
    "counties",
    "monitoring",
    "assistance",
    "households",
    "fanpin.accounts",
    "fanpin.regions",
    "fanpin.audit",
    "fanpin.jobs",
    "fanpin.clock",
    "fanpin.web",
    "fanpin.embedded",
    "fanpin.demo",
    "django_htmx",
    "django_include_bootstrap",
    "django_filters",
    "import_export",
    "rest_framework",
    "drf_spectacular",
    "axes",
    "csp",
    "django.contrib.admin",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.postgres",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "fanpin.files.holding.HeldFiles",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "fanpin.accounts.middleware.SessionClock",
    "fanpin.accounts.middleware.FirstPasswordMiddleware",
    "fanpin.accounts.middleware.RefusalPage",
    "axes.middleware.AxesMiddleware",
]

ROOT_URLCONF = "fanpin.urls"
WSGI_APPLICATION = "fanpin.wsgi.application"
ASGI_APPLICATION = "fanpin.asgi.application"

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
                "fanpin.navigation.frame",
            ],
        },
    }
]

DATABASES = {
    "default": {
        **env.db("DATABASE_URL", default="postgres://fanpin@localhost/fanpin"),
        "CONN_MAX_AGE": 60,
        "CONN_HEALTH_CHECKS": True,
    }
}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

REDIS_URL = env.str("REDIS_URL", default="redis://localhost:6379/0")
CACHES = {
    "default": {"BACKEND": "django.core.cache.backends.redis.RedisCache", "LOCATION": REDIS_URL}
}

AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = [
    "axes.backends.AxesStandaloneBackend",
    "django.contrib.auth.backends.ModelBackend",
]
LOGIN_URL = "accounts:login"
LOGIN_REDIRECT_URL = "workbench"
LOGOUT_REDIRECT_URL = "accounts:login"
PASSWORD_HASHERS = ["django.contrib.auth.hashers.PBKDF2PasswordHasher"]
_VALIDATORS = "django.contrib.auth.password_validation."
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "fanpin.accounts.passwords.MinimumLength"},
    {"NAME": "fanpin.accounts.passwords.MixedCharacters"},
    {"NAME": _VALIDATORS + "UserAttributeSimilarityValidator"},
    {"NAME": _VALIDATORS + "CommonPasswordValidator"},
]
AXES_FAILURE_LIMIT = 5
AXES_COOLOFF_TIME = 0.25
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_CLIENT_IP_CALLABLE = "fanpin.accounts.addresses.address_of"
AXES_LOCKOUT_TEMPLATE = "accounts/locked.html"
AXES_RESET_ON_SUCCESS = True
AXES_VERBOSE = False
AXES_ENABLE_ADMIN = False  # logins are listed on the page of each user

SESSION_COOKIE_AGE = 60 * 60
SESSION_COOKIE_SECURE = env.bool("FANPIN_HTTPS", default=PRODUCTION)
CSRF_COOKIE_SECURE = SESSION_COOKIE_SECURE
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if PRODUCTION else None
CSRF_FAILURE_VIEW = "fanpin.web.views.csrf_failure"
X_FRAME_OPTIONS = "DENY"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],
        "object-src": [NONE],
        "frame-ancestors": [NONE],
        "form-action": [SELF],
        "base-uri": [SELF],
    }
}

LANGUAGE_CODE = "zh-hans"
TIME_ZONE = "Asia/Shanghai"
USE_TZ = True
USE_I18N = True
USE_THOUSAND_SEPARATOR = False

STATIC_URL = "static/"
STATICFILES_DIRS = [BASE_DIR / "static"]
STATIC_ROOT = DATA_DIR / "static"
MEDIA_ROOT = DATA_DIR / "files"
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedStaticFilesStorage"},
}
FILE_UPLOAD_PERMISSIONS = 0o600
DATA_UPLOAD_MAX_MEMORY_SIZE = 5 * 1024 * 1024
DATA_UPLOAD_MAX_NUMBER_FIELDS = 5000

REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": ["rest_framework.authentication.SessionAuthentication"],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticated"],
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    "DEFAULT_PAGINATION_CLASS": "rest_framework.pagination.LimitOffsetPagination",
    "PAGE_SIZE": 50,
    "EXCEPTION_HANDLER": "fanpin.api.errors",
}
SPECTACULAR_SETTINGS = {
    "TITLE": "防返贫动态监测接口",
    "VERSION": "1",
    "SERVE_INCLUDE_SCHEMA": False,
    "SERVE_PERMISSIONS": ["rest_framework.permissions.IsAuthenticated"],
}

DATE_FORMAT = "Y-m-d"
IMPORT_EXPORT_USE_TRANSACTIONS = True

# One password for every account of the demonstration county; production refuses to start with demo accounts.
DEMO_PASSWORD = env.str("FANPIN_DEMO_PASSWORD", default="fanpin2021yanshi")

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "line": {"format": "%(asctime)s %(levelname)s %(name)s [%(process)d] %(message)s"},
    },
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["console"], "level": env.str("LOG_LEVEL", default="INFO")},
    "loggers": {"django": {"handlers": [], "level": "INFO", "propagate": True}},
}


def _unsafe() -> list[str]:
    """What a county's real system must not be started with. Demo accounts: fanpin.embedded.checks."""
    found = {
        "SECRET_KEY 仍是默认值或不足 50 个字符": SECRET_KEY == DEFAULT_SECRET_KEY
        or len(SECRET_KEY) < 50,
        "DEBUG 不得打开": DEBUG,
        "FANPIN_DEMO（演示模式）不得打开": DEMO,
        "ALLOWED_HOSTS 未列出本系统的域名或地址": not ALLOWED_HOSTS or "*" in ALLOWED_HOSTS,
        "DATABASE_URL 未设置": not env.str("DATABASE_URL", default=""),
        "REDIS_URL 未设置": not env.str("REDIS_URL", default=""),
    }
    return [text for text, is_unsafe in found.items() if is_unsafe]


if PRODUCTION and _unsafe():
    raise ImproperlyConfigured("正式环境拒绝启动：" + "；".join(_unsafe()) + "。")
