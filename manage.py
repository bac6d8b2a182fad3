#!/usr/bin/env python
"""Django's command line; starts private servers for commands that need them."""

import os
import sys

from django.core.exceptions import ImproperlyConfigured
from django.core.management import execute_from_command_line

from fanpin.embedded.commands import run

if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "fanpin.settings")
    try:
        run(sys.argv, execute_from_command_line)
    except ImproperlyConfigured as refusal:
        sys.exit(f"错误：{refusal}")
