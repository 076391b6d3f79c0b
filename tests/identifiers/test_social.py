"""Handles and platform ids, from bare text and from the addresses of profiles."""

from __future__ import annotations

import pytest
from idweave_server.identifiers.lists import default_lists
from idweave_server.identifiers.reading import Options, Reading
from idweave_server.identifiers.social import read
from idweave_server.model import Refusal


def social(text: str, network: str | None = "x") -> Reading:
    return read(text, Options(default_lists(), network=network))


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("@Kneal1985", "x:kneal1985"),
        ("kneal1985", "x:kneal1985"),
        ("@baker_jean-luc", "x:baker_jean-luc"),
        ("@HMÜLLER", "x:hmüller"),
        ("@ｋｎｅａｌ", "x:kneal"),
        ("twitter:@Kneal", "x:kneal"),
        ("Instagram: kneal", "instagram:kneal"),
        ("https://twitter.com/Kneal/status/12?s=20", "x:kneal"),
        ("https://x.com/i/user/12", "x:#12"),
        ("www.instagram.com/kneal/", "instagram:kneal"),
        ("https://m.facebook.com/Kelly.Neal", "facebook:kelly.neal"),
        ("https://www.facebook.com/profile.php?id=4", "facebook:#4"),
        ("facebook.com/people/Kelly/100", "facebook:#100"),
        ("https://de.linkedin.com/in/kelly-neal-12/", "linkedin:kelly-neal-12"),
        ("https://www.tiktok.com/@kneal", "tiktok:kneal"),
        ("https://www.youtube.com/@kneal", "youtube:kneal"),
        ("https://www.youtube.com/channel/UCaBc", "youtube:#UCaBc"),
        ("https://weibo.com/u/123", "weibo:#123"),
        ("https://weibo.com/123", "weibo:#123"),
        ("https://weibo.com/kneal", "weibo:kneal"),
        ("https://vk.com/id5", "vk:#5"),
        ("https://t.me/kneal", "telegram:kneal"),
        ("reddit.com/user/Kneal", "reddit:kneal"),
        ("https://bsky.app/profile/kneal.bsky.social", "bluesky:kneal.bsky.social"),
        ("https://mastodon.social/@Kneal", "mastodon:kneal@mastodon.social"),
        ("mastodon:@kneal@mastodon.social", "mastodon:kneal@mastodon.social"),
        ("github:kneal", "github:kneal"),
    ],
)
def test_read(text: str, value: str) -> None:
    assert social(text) == Reading(value)
    assert social(value, None) == Reading(value)


def test_a_platform_id_is_not_a_handle_of_digits() -> None:
    assert social("#123").value == "x:#123"
    assert social("123").value == "x:123"


def test_case_where_it_counts() -> None:
    assert social("Kelly", "discord").value == "discord:Kelly"
    assert social("Kelly", "a_network_of_our_own").value == "a_network_of_our_own:kelly"
    assert social("a_network_of_our_own:kelly", "a_network_of_our_own").value == "a_network_of_our_own:kelly"


@pytest.mark.parametrize(
    ("text", "network", "refusal"),
    [
        ("kneal", None, Refusal.SOCIAL_NETWORK_UNKNOWN),
        ("myspace2:kneal", "x", Refusal.SOCIAL_NETWORK_UNKNOWN),
        ("https://shop.de/kneal", "x", Refusal.SOCIAL_NETWORK_UNKNOWN),
        ("kelly neal", "x", Refusal.SOCIAL_SYNTAX),
        ("kneal@web.de", "x", Refusal.SOCIAL_SYNTAX),
        ("k" * 101, "x", Refusal.SOCIAL_SYNTAX),
        ("#", "x", Refusal.PLACEHOLDER),
        ("#a b", "x", Refusal.SOCIAL_SYNTAX),
        ("https://x.com/", "x", Refusal.SOCIAL_SYNTAX),
        ("https://x.com/search?q=kneal", "x", Refusal.SOCIAL_SYNTAX),
        ("https://www.linkedin.com/company/shop", "x", Refusal.SOCIAL_SYNTAX),
        ("https://www.instagram.com/p/Cx12/", "x", Refusal.SOCIAL_SYNTAX),
        ("https://www.facebook.com/profile.php", "x", Refusal.SOCIAL_SYNTAX),
        ("kneal", "mastodon", Refusal.SOCIAL_SYNTAX),
        ("@unknown", "x", Refusal.PLACEHOLDER),
        ("x:", "x", Refusal.PLACEHOLDER),
    ],
)
def test_refused(text: str, network: str | None, refusal: Refusal) -> None:
    assert social(text, network) == Reading(None, refusal)
