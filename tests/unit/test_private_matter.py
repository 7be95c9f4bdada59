"""Secrets and personal data are found, and a trade's ordinary talk is not mistaken for them."""

import pytest

from core.curation.private_matter import personal_data_in, secrets_in


@pytest.mark.parametrize(
    "text",
    [
        "the key is AKIAIOSFODNN7EXAMPLE",
        "use xoxb-123456789012-1234567890123-abcdefghijklmnopqrstuvwx for the bot",
        "-----BEGIN RSA PRIVATE KEY-----\nMIIEpAIBAAKCAQEA",
        "password = 'hunter2secret'",
        "postgres://roaster:s3cr3t@db.internal/beans",
        "sk-proj-Zk3vT9qLw2Xb7Yd5Nf8Hc1Jm4Rp6Sg0Ua",
    ],
)
def test_secrets_are_found(text: str) -> None:
    assert secrets_in(text)


@pytest.mark.parametrize(
    "text",
    [
        "First crack comes at about 196 °C, then hold for 90 seconds. [1]",
        "See https://example.org/handbook/roasting-curves-for-light-roasts#first-crack",
        "Die Rückgabefrist beträgt 14 Tage; Donaudampfschifffahrtsgesellschaft zahlt.",
        "The password policy is on page 12 of the handbook.",
        "Order number 2024-000123-77 ships on 2026-03-01.",
    ],
)
def test_ordinary_talk_is_neither(text: str) -> None:
    assert secrets_in(text) == []
    assert personal_data_in(text) == []


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("Write to ana.lopez@roasters.example", "e-mail address"),
        ("Ring +49 30 901820 after ten", "phone number"),
        ("Call 415-555-2671", "phone number"),
    ],
)
def test_personal_data_is_found(text: str, kind: str) -> None:
    assert kind in personal_data_in(text)
