"""What surrounds every page of a site: its title, its navigation, and who made it."""

from typing import NamedTuple


class Entry(NamedTuple):
    """An entry of the navigation: the section of pages it stands for, its text, its address from the site's root."""

    section: str
    text: str
    href: str


class Frame(NamedTuple):
    """What is the same on every page: the site's title, the navigation, the version of the generator.

    Pages that are of no run's site (not ``is_site``) have neither its verdict nor its search.
    ``library`` leads from the site's root to the first page of the library that it stands in.
    """

    title: str
    navigation: tuple[Entry, ...]
    version: str
    is_site: bool = True
    library: str | None = None
