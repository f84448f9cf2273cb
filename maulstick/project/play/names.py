"""Names that a playbook may count on: the steps that come with Maulstick, and what a condition may ask."""

from __future__ import annotations

CORE_STEPS = ("check", "export", "plan", "deploy", "upload", "apply", "publish", "verify")
"""The steps of the core, in the order of a release."""
SHIPPED_STEPS = ("command", "webhook")
"""The other steps, of which a playbook may have several."""
FACTS = ("code_changed", "rows_changed", "media_changed")
"""What is known after the plan: whether the release changes code, rows and files of the target."""
