#!/usr/bin/env python3
"""The command line of the portal."""

import os
import sys

from django.core.management import execute_from_command_line

from wuhai_portal.environment import BadEnvironment


def main():
    """Run a command; a wrong environment variable gets one sentence instead of a traceback."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "wuhai_portal.settings")
    try:
        execute_from_command_line(sys.argv)
    except BadEnvironment as error:
        sys.exit(f"配置有误：{error}")


if __name__ == "__main__":
    main()
