"""A record as JUnit XML, as CI systems show it: a case for each step and each check."""

from __future__ import annotations

from xml.etree import ElementTree as Xml

from maulstick.console import plain
from maulstick.reports.record import Record


def junit(record: Record) -> str:
    """Return a record as JUnit XML; a wrong check is a failure, one that could not be told an error."""
    suites = Xml.Element("testsuites", name=f"maulstick {record['command']}", time=str(record["seconds"]))
    for release in record["releases"]:
        _suite(suites, release)
    return Xml.tostring(suites, encoding="unicode", xml_declaration=True) + "\n"


def _suite(suites: Xml.Element, release: Record) -> None:
    name = f"{release['subject']} to {release['target']}"
    suite = Xml.SubElement(suites, "testsuite", name=plain(name), time=str(release["seconds"]))
    for step in release["steps"]:
        case = _case(suite, "steps", step["name"], seconds=step["seconds"])
        if step["word"] == "failed":
            _add(case, "failure", release["problem"] or step["says"])
        elif step["word"] == "skipped":
            _add(case, "skipped", step["says"])
    for check in release["checks"]:
        case = _case(suite, "checks", check["name"], seconds=0)
        if check["ok"] is not True:
            _add(case, "error" if check["ok"] is None else "failure", f"{check['answer']} {check['hint']}")
    for kind, path in (("tests", "testcase"), ("failures", ".//failure"), ("errors", ".//error")):
        suite.set(kind, str(len(suite.findall(path))))


def _case(suite: Xml.Element, group: str, name: str, *, seconds: float) -> Xml.Element:
    return Xml.SubElement(suite, "testcase", classname=group, name=plain(name), time=str(seconds))


def _add(case: Xml.Element, kind: str, says: str) -> None:
    Xml.SubElement(case, kind, message=plain(says).strip())
