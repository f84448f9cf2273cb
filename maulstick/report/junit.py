"""A record as JUnit XML, for CI systems: a test case for each step and each check."""

from __future__ import annotations

import re
from xml.etree import ElementTree as Xml

from maulstick.report.record import Record
from maulstick.report.verdict import verdict
from maulstick.text import printable

ILLEGAL = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def junit(record: Record) -> str:
    """Write a record as JUnit XML: a wrong check is a failure, one without an answer an error."""
    name = _legal(f"maulstick {record['command']}")
    suites = Xml.Element("testsuites", name=name, time=str(record["seconds"]))
    for release in record["releases"]:
        _suite(suites, release)
    return Xml.tostring(suites, encoding="unicode", xml_declaration=True) + "\n"


def _suite(suites: Xml.Element, release: Record) -> None:
    name = f"{release['subject']} to {release['target']}"
    suite = Xml.SubElement(suites, "testsuite", name=_legal(name), time=str(release["seconds"]))
    for step in release["steps"]:
        case = _case(suite, "steps", step["name"], seconds=step["seconds"])
        if step["word"] == "failed" and not step.get("ignored"):
            is_first = suite.find(".//failure") is None
            _add(case, "failure", (release["problem"] if is_first else "") or step["says"])
        elif step["word"] in ("skipped", "failed"):
            _add(case, "skipped", step["says"])
    for check in release["checks"]:
        case = _case(suite, "checks", check["name"], seconds=0)
        if check["ok"] is not True:
            _add(case, "error" if check["ok"] is None else "failure", f"{check['answer']} {check['hint']}")
    if release["exit"] and suite.find(".//failure") is None and suite.find(".//error") is None:
        # What stopped it before its first step or after its last is not in any case above.
        _add(_case(suite, "steps", "release", seconds=0), "error", release["problem"] or verdict(release))
    for kind, path in (("tests", "testcase"), ("failures", ".//failure"), ("errors", ".//error")):
        suite.set(kind, str(len(suite.findall(path))))


def _case(suite: Xml.Element, group: str, name: str, *, seconds: float) -> Xml.Element:
    return Xml.SubElement(suite, "testcase", classname=group, name=_legal(name), time=str(seconds))


def _add(case: Xml.Element, kind: str, says: str) -> None:
    Xml.SubElement(case, kind, message=_legal(says).strip())


def _legal(text: str) -> str:
    """Replace the characters that XML forbids even where they are escaped."""
    return ILLEGAL.sub("\ufffd", printable(text))
