"""The time zones that a menu offers: a menu of Slack's takes 100, so one of each kind, by region."""

from collections.abc import Iterator
from typing import Final

YOURS = "Yours"

ZONES: Final = {
    "Anywhere": "UTC",
    "Europe": """
        Lisbon Dublin London Madrid Paris Brussels Amsterdam Zurich Rome Berlin Vienna Prague Copenhagen Oslo
        Stockholm Budapest Warsaw Belgrade Athens Bucharest Helsinki Kyiv Istanbul Moscow
        Samara""",
    "America": """
        St_Johns Halifax New_York Toronto Chicago Mexico_City Denver Edmonton Phoenix Los_Angeles
        Vancouver Anchorage Puerto_Rico Panama Bogota Lima Caracas La_Paz Santiago Asuncion Montevideo
        Sao_Paulo Argentina/Buenos_Aires""",
    "Africa": "Accra Casablanca Lagos Algiers Cairo Johannesburg Nairobi Addis_Ababa",
    "Asia": """
        Jerusalem Beirut Riyadh Baghdad Tehran Dubai Baku Tbilisi Kabul Karachi Tashkent
        Yekaterinburg Kolkata Kathmandu Dhaka Almaty Novosibirsk Yangon Bangkok Ho_Chi_Minh Jakarta
        Singapore Manila Shanghai Hong_Kong Taipei Irkutsk Seoul Tokyo Vladivostok""",
    "Australia": "Perth Darwin Adelaide Brisbane Sydney Hobart",
    "Pacific": "Honolulu Guam Noumea Fiji Auckland",
}


def zone_groups(chosen: str) -> Iterator[tuple[str, list[str]]]:
    """Regions and their zones; before them the chosen one when it is none of these."""
    groups = {
        region: [_zone(region, city) for city in names.split()] for region, names in ZONES.items()
    }
    if not any(chosen in zones for zones in groups.values()):
        yield YOURS, [chosen]
    yield from groups.items()


def _zone(region: str, city: str) -> str:
    return city if city == "UTC" else f"{region}/{city}"
