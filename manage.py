#!/usr/bin/env python
"""Django's command line; starts private servers for commands that need them."""

import os
import sys

from django.core.exceptions import ImproperlyConfigured

from fanpin.embedded.commands import run
from fanpin.embedded.refusing import execute

if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "fanpin.settings")
    try:
        run(sys.argv, execute)
    except ImproperlyConfigured as refusal:
        sys.exit(f"错误：{refusal}")
