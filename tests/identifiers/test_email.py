"""One canonical address a mailbox, and what it is worth."""

from __future__ import annotations

import pytest
from email_validator import EmailNotValidError, validate_email
from hypothesis import given, settings
from hypothesis import strategies as st
from idweave_server.identifiers.email import read
from idweave_server.identifiers.lists import default_lists
from idweave_server.identifiers.reading import Options, Reading
from idweave_server.model import Flag, Refusal

OPTIONS = Options(default_lists())


def email(text: str) -> Reading:
    return read(text, OPTIONS)


@pytest.mark.parametrize(
    ("text", "mailbox"),
    [
        (" Kelly.Neal@ICLOUD.com ", "kelly.neal@icloud.com"),
        ("Kelly.Neal+news@googlemail.com", "kellyneal@gmail.com"),
        ("kelly.neal+spam@proton.me", "kelly.neal@proton.me"),
        ("jo+a+b@outlook.com", "jo@outlook.com"),
        ("jo.+a@outlook.com", "jo@outlook.com"),
        ("jo+news@web.de", "jo+news@web.de"),  # web.de delivers no tags: another mailbox
        ("jo-news@yahoo.com", "jo-news@yahoo.com"),
        ("+jo@gmail.com", "+jo@gmail.com"),
        ("mailto:jo%2Ba@web.de?subject=hello", "jo+a@web.de"),
        ("<jo@web.de>", "jo@web.de"),
        ("Jo Neal <jo@web.de>", "jo@web.de"),
        ("Müller, Jörg <j.mueller@web.de>", "j.mueller@web.de"),
        ("o'brien@web.de", "o'brien@web.de"),
        ("JÖRG@web.de", "jörg@web.de"),
        ("jo\u0308rg@web.de", "jörg@web.de"),
        ("jo@MÜNCHEN.de", "jo@xn--mnchen-3ya.de"),
        ("jo@xn--mnchen-3ya.de", "jo@xn--mnchen-3ya.de"),
        ("小明＠例え.jp", "小明@xn--r8jz45g.jp"),
        ("a@" + ".".join(["x" * 61] * 4) + ".de", "a@" + ".".join(["x" * 61] * 4) + ".de"),
    ],
)
def test_mailbox(text: str, mailbox: str) -> None:
    assert email(text) == Reading(mailbox)
    assert email(mailbox).value == mailbox


@pytest.mark.parametrize(
    ("text", "refusal"),
    [
        ("jo", Refusal.EMAIL_SYNTAX),
        ("@web.de", Refusal.EMAIL_SYNTAX),
        ("jo smith@web.de", Refusal.EMAIL_SYNTAX),
        (".jo@web.de", Refusal.EMAIL_SYNTAX),
        ("jo..e@web.de", Refusal.EMAIL_SYNTAX),
        ('"jo e"@web.de', Refusal.EMAIL_SYNTAX),
        ("jo@web.de, al@web.de", Refusal.EMAIL_SYNTAX),
        ("x" * 65 + "@web.de", Refusal.EMAIL_SYNTAX),
        ("jo@", Refusal.EMAIL_DOMAIN),
        ("jo@gmail", Refusal.EMAIL_DOMAIN),
        ("jo@web..de", Refusal.EMAIL_DOMAIN),
        ("jo@-web.de", Refusal.EMAIL_DOMAIN),
        ("jo@web.de.", Refusal.EMAIL_DOMAIN),
        ("jo@192.168.1.1", Refusal.EMAIL_DOMAIN),
        ("jo@[192.168.1.1]", Refusal.EMAIL_DOMAIN),
        ("jo@ab--cd.de", Refusal.EMAIL_DOMAIN),
        ("jo@xn--a.de", Refusal.EMAIL_DOMAIN),
        ("j" * 64 + "@" + ".".join(["x" * 47] * 4) + ".de", Refusal.TOO_LONG),
        ("mailto:jo%00@web.de", Refusal.CONTROL_CHARACTER),
        ("mailto:", Refusal.PLACEHOLDER),
    ],
)
def test_refused(text: str, refusal: Refusal) -> None:
    assert email(text) == Reading(None, refusal)


@pytest.mark.parametrize(
    "text",
    "test@test.com none@none.com noemail@noemail.com a@a.com asdf@asdf.com no@no.com na@na.com abc@abc.com user@example.com "
    "email@email.com aaa@aaa.com test@qwerty.com Test@Test.org noemail@corner-shop.de NO.EMAIL@gmail.com jo@shop.test jo@localhost "
    "jo@mail.example.org".split(),
)
def test_fake(text: str) -> None:
    assert email(text).flags & Flag.FAKE


@pytest.mark.parametrize(
    "text",
    "adidas@adidas.com bmw@bmw.de jo@test-systems.de test.case@web.de 12345@qq.com anna@a.com abc@gmail.com contest@web.de jo@test.de "
    "q@qq.com na.li@web.de no@web.de".split(),
)
def test_not_fake(text: str) -> None:
    assert not email(text).flags & Flag.FAKE


@pytest.mark.parametrize(
    ("text", "flags"),
    [
        ("info@shop.de", Flag.ROLE),
        ("Info+de@shop.de", Flag.ROLE),
        ("in.fo@gmail.com", Flag.ROLE),
        ("kundenservice@shop.de", Flag.ROLE),
        ("no-reply@shop.de", Flag.ROLE),
        ("information@shop.de", Flag.NONE),
        ("jo@mailinator.com", Flag.DISPOSABLE),
        ("jo@eu.mailinator.com", Flag.DISPOSABLE),
        ("jo@mailinator.com.shop.de", Flag.NONE),
        ("admin@mailinator.com", Flag.DISPOSABLE | Flag.ROLE),
        ("admin@admin.com", Flag.FAKE | Flag.ROLE),
    ],
)
def test_flags(text: str, flags: Flag) -> None:
    assert email(text).flags == flags


@settings(max_examples=400, deadline=None, derandomize=True)
@given(st.from_regex(r"[a-z0-9.+'_!-]{1,8}@([a-z0-9-]{1,5}\.){0,2}[a-z0-9-]{1,4}", fullmatch=True))
def test_our_own_syntax_check_agrees_with_email_validator(text: str) -> None:
    try:
        validate_email(text, check_deliverability=False, strict=True)
        valid = True
    except EmailNotValidError:
        valid = False
    reading = email(text)
    special = reading.flags & Flag.FAKE and not valid  # special-use domains, which we let pass
    assert (reading.value is not None) == valid or special or reading.refusal == Refusal.PLACEHOLDER
