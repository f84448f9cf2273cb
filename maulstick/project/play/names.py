"""The names of the steps that come with Maulstick."""

from __future__ import annotations

CORE_STEPS = ("check", "export", "plan", "deploy", "upload", "apply", "verify")
"""The steps of the core, in the order of a release."""
SHIPPED_STEPS = ("command", "webhook")
"""The other steps, of which a playbook may have several."""
