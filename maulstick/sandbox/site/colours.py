"""The colours that painters name, as a screen shows them."""

import re
from functools import cache

HEX = re.compile(r"#(?:[0-9a-fA-F]{6}|[0-9a-fA-F]{3})\b")
WORDS = re.compile(r"[a-z]+")
NAMED = {
    "alizarin": "#8e1f2f",
    "amber": "#d9912e",
    "black": "#1d1b1a",
    "blue": "#3f6189",
    "bone": "#e4dac6",
    "brown": "#6f4e37",
    "buff": "#dcc29a",
    "burnt sienna": "#8f4a2b",
    "burnt umber": "#5b3a29",
    "cadmium red": "#c8352b",
    "cadmium yellow": "#f2bf27",
    "cerulean": "#3f8fb5",
    "chalk": "#efeade",
    "charcoal": "#33312f",
    "cobalt blue": "#2f4fa0",
    "cold": "#8d9aa3",
    "cream": "#f2e6cc",
    "crimson": "#9c1f35",
    "earth": "#8a5a3c",
    "ember": "#c4512a",
    "flesh": "#dcae92",
    "frost": "#e2e9ee",
    "gold": "#c59a3f",
    "green": "#5f7a4c",
    "grey": "#8c8a86",
    "indigo": "#2f3457",
    "ivory": "#f1ead9",
    "lamp": "#eec86a",
    "lemon": "#efd94f",
    "milk": "#f3efe6",
    "naples yellow": "#ecd08f",
    "night": "#23283a",
    "ochre": "#c08a3e",
    "olive": "#75703d",
    "orange": "#d27a35",
    "pale": "#efe5d8",
    "payne s grey": "#45505b",
    "pink": "#d9a3a0",
    "plum": "#5c3246",
    "prussian blue": "#1f3a55",
    "purple": "#5b4470",
    "raw umber": "#75604a",
    "red": "#a83a2c",
    "rose": "#c98784",
    "rust": "#9a4f2c",
    "sand": "#d8c3a0",
    "sepia": "#5e4632",
    "shadow": "#55504f",
    "sienna": "#a5623a",
    "silver": "#bfc2c3",
    "slate": "#5c6670",
    "smoke": "#9b9a98",
    "straw": "#dcc684",
    "tar": "#1c1a1c",
    "terracotta": "#b5623f",
    "turquoise": "#4f9a97",
    "ultramarine": "#2b3c8f",
    "umber": "#6a5240",
    "vermilion": "#cf4427",
    "violet": "#6d5a86",
    "warm": "#b58e6c",
    "white": "#f6f3ec",
    "yellow": "#e3bd4a",
    "yellow ochre": "#cb9a45",
}


@cache
def screen(name: str) -> str:
    """Return `#rrggbb` for a colour's name, mixed from the words that are known; empty if none is."""
    if code := HEX.search(name):
        return code.group().lower()
    words = WORDS.findall(name.lower())
    if whole := NAMED.get(" ".join(words)):
        return whole
    return _mixed([NAMED[word] for word in words if word in NAMED])


def _mixed(codes: list[str]) -> str:
    if not codes:
        return ""
    channels = zip(*(bytes.fromhex(code[1:]) for code in codes), strict=True)
    return "#" + bytes(round(sum(channel) / len(codes)) for channel in channels).hex()
