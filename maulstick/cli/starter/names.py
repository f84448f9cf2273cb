"""What the names of tables and columns say of them."""

from __future__ import annotations

import re

FILES = re.compile(
    r"(^|_|\.)(media|images?|photos?|pictures?|files?|assets?|uploads?|attachments?|blobs?|documents?)"
)
"""How tables of files are called: their rows travel with what shows them."""
PEOPLE = re.compile(
    r"(^|_|\.)(users?|accounts?|admins?|members?|people|customers?|visitors?|sessions?|roles?|permissions?|staff"
    r"|orders?|order_items|carts?|baskets?|payments?|invoices?|enquir(y|ies)|inquir(y|ies)|messages?|comments?"
    r"|reviews?|ratings?|likes?|votes?|follows?|favou?rites|bookmarks?|subscri(bers|ptions?)|notifications?"
    r"|logs?|audits?|events?|visits?|views?|hits|tokens?|jobs?|schema_migrations|versions?|rentals?|bookings?"
    r"|hist(ory|ories)?|legacy|changes?|faves?|hides?|flags?|appeals?|(dis)?approvals?|reports?|mutes?|followers?"
    r"|likers?|downloads?|impressions?|recents?|stat(s|istics?)?|metrics|activit(y|ies)|actions?|recommendations?"
    r"|webhooks?|api_keys?|invit(es?|ations?)|memberships?|subscribers?|classifications?|quotas?|wallets?"
    r"|charges?|fees?|credits?|refunds?|identit(y|ies)|transactions?|interactions?|preferences|progress|favou?rite)"
    r"($|_)"
)
"""How tables are called that visitors and the site itself write: their rows stay where they are."""
VISITOR = re.compile(
    r"(user|account|customer|member|visitor|subscriber|voter|reporter|follower|liker|person|profile)(_id)?"
)
"""How columns are called that say which visitor a row is of."""
COUNTERS = re.compile(
    r"(?:(?:.*_)?(?:views?|visits?|hits?|clicks?|plays?|reads?|downloads?|likes?|dislikes?|votes?|upvotes?|downvotes?"
    r"|shares?|comments?|repl(?:y|ies)|reviews?|ratings?|reactions?|favou?rites?|faves?|bookmarks?|follow(?:er)?s?"
    r"|subscri(?:ber|ption)s?|users?|members?|posts?|topics?|orders?|sales?|sold|impressions?)(?:_(?:count|total))?"
    r"|lock_version)"
)
"""How columns of numbers are called that visitors make production count."""
COUNTS = re.compile(r".*_(?:count|total)")
"""How columns are called that count something: what visitors do, or what a row has, as a book its pages."""


def is_of_visitors(label: str, root: str = "") -> bool:
    """Return whether a table is called like one that visitors or the site write.

    The root's own word says nothing of its parts: beside events, event_dates are content.
    """
    name = plain(label)
    if root and label != root:
        name = re.sub(rf"(^|\.){re.escape(singular(root))}_", r"\1", name)
    return PEOPLE.search(name) is not None


def with_article(word: str) -> str:
    """Return a word with its article: an album, a user."""
    sounds_open = word[:1] in "aeio" or (word[:1] == "u" and not word.startswith(("uni", "use", "uti")))
    return f"{'an' if sounds_open else 'a'} {word}"


def plain(name: str) -> str:
    """Return a name as in snake_case: OrderItem as order_item."""
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name).lower()


def snake(name: str) -> str:
    """Return a table's name without its schema as a word: shop."Order Items" as order_items."""
    return re.sub(r"\W", "_", plain(name.rpartition(".")[2])).strip("_")


def singular(name: str) -> str:
    """Return what one row of a table is called: categories as category."""
    word = snake(name)
    for end, instead in (
        ("ies", "y"),
        ("sses", "ss"),
        ("xes", "x"),
        ("ches", "ch"),
        ("shes", "sh"),
        ("ss", "ss"),
    ):
        if word.endswith(end) and len(word) > len(end) + 1:
            return word.removesuffix(end) + instead
    return word.removesuffix("s")
