from __future__ import annotations

import logging

# What a client can't read is counted by the tests; nio's line for each try drowns their output.
logging.getLogger("nio").setLevel(logging.CRITICAL)
