"""Whether an old address leads to the new one."""

import pytest

from maulstick.verify.proof.redirects import redirected
from tests.verify.small_site import Reply


def answered(site, visitor, status, location=""):
    """Return the check of an old address that answers so."""
    site.answers("/old", Reply(b"", status, {"location": location} if location else {}))
    check = redirected(visitor, "/old", "/new name")
    return check.ok, check.answer


@pytest.mark.parametrize("location", ["/new%20name", "{}/new%20name", "/new%20name/?from=old"])
def test_a_redirect_for_good_is_right(site, visitor, location):
    for status in (301, 308):
        answer = answered(site, visitor, status, location.format(site.address))
        assert answer == (True, f"leads to /new name ({status})")


def test_another_answer_is_wrong_and_says_what_visitors_get(site, visitor):
    assert answered(site, visitor, 404) == (
        False,
        "answers 404: who knows it does not come to /new name",
    )
    assert answered(site, visitor, 302, "/new%20name")[1].startswith(
        "leads to /new name by 302, which is only"
    )
    ok, says = answered(site, visitor, 301, "/elsewhere")
    assert (ok, says) == (False, f"leads to {site.address}/elsewhere, not to /new name")
