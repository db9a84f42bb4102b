"""The portal's settings with the benchmark's baselines added to its addresses."""

from wuhai_portal.settings import *  # noqa: F403

ROOT_URLCONF = "wuhai_portal.bench.urls"
