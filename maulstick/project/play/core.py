"""The models of the core's steps, each with its options."""

from __future__ import annotations

from typing import Literal

from maulstick.project.models import key
from maulstick.project.play.tables import RepeatableStep, StepTable

LONGEST = 86400


class CheckStep(RepeatableStep):
    """The step check."""

    name: Literal["check"] = key("check source, target, database and bucket")


class ExportStep(RepeatableStep):
    """The step export."""

    name: Literal["export"] = key("read the source and write the bundle")


class PlanStep(RepeatableStep):
    """The step plan."""

    name: Literal["plan"] = key("say what would change")


class DeployStep(StepTable):
    """The step deploy."""

    name: Literal["deploy"]
    wait: int | None = key("deploy the code; how many seconds `fly deploy` may take", None, ge=1, le=7200)


class UploadStep(RepeatableStep):
    """The step upload."""

    name: Literal["upload"]
    concurrency: int | None = key(
        "upload the files and ask for each as visitors do (never more than 16 at once); how many uploads at "
        "once, 64 if left out",
        None,
        ge=1,
        le=64,
    )
    timeout: int | None = key(
        "ask for what was sent as visitors do; how many seconds an answer may take", None, ge=1, le=3600
    )


class ApplyStep(RepeatableStep):
    """The step apply."""

    name: Literal["apply"]
    lock_wait: int | None = key(
        "write the rows; how many seconds to wait for another release to end", None, ge=0, le=LONGEST
    )


class PublishStep(RepeatableStep):
    """The step publish."""

    name: Literal["publish"]
    lock_wait: int | None = key(
        "make rows public that went in hidden; how many seconds to wait for another release to end",
        None,
        ge=0,
        le=LONGEST,
    )
    timeout: int | None = key("how many seconds one answer of a preview may take", None, ge=1, le=3600)


class VerifyStep(RepeatableStep):
    """The step verify."""

    name: Literal["verify"]
    concurrency: int | None = key("prove the release; how many questions at once", None, ge=1, le=64)
    timeout: int | None = key("how many seconds one answer of the site may take", None, ge=1, le=3600)
    browser: bool | None = key("`true`: look at every page in a real Chromium too", None)


Core = CheckStep | ExportStep | PlanStep | DeployStep | UploadStep | ApplyStep | PublishStep | VerifyStep
