"""What goes wrong in a made-up world, as shares; four presets, and any other mix by dataclasses.replace."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Noise:
    """Shares in 0..1 of what their comments name."""

    household_sizes: tuple[float, float, float, float, float] = (0.34, 0.32, 0.15, 0.13, 0.06)  # of 1 to 5 people
    tablet: float = 0.15  # of households of two and more: share a tablet
    computer: float = 0.15  # ... a computer, and so its browser's cookies
    household_mailbox: float = 0.06  # ... a mailbox
    shared_login: float = 0.01  # of log-ins: into the account of another of the household
    borrowed: float = 0.01  # of log-ins: on the device or browser of another of the household
    recycled_phone: float = 0.3  # of given-up numbers: given to somebody else
    handed_down: float = 0.3  # of replaced devices: used on by another of the household
    typo: float = 0.01  # of contacts and names typed by hand
    fake: float = 0.01  # of contacts left at the till or as a guest
    cashier: float = 0.005  # of till sales: the shop's own contact
    role_mailbox: float = 0.02  # of people: use an office's mailbox at times
    gift: float = 0.03  # of orders: to the recipient's phone and address
    wrong_append: float = 0.05  # of bought or shared rows: one contact is somebody else's
    kiosk: float = 0.003  # of log-ins and guest orders: on a tablet in a shop
    bot: float = 0.003  # of web sessions: a crawler
    short_name: float = 0.1  # of given names: a short form or an initial
    name_case: float = 0.12  # of names: upper or lower case throughout
    mail_spelling: float = 0.08  # of e-mails: other case, a plus-tag, a dot
    phone_spelling: float = 0.45  # of phones: not in +1... form
    default_birth_date: float = 0.01  # of people: 1 January
    customer_ids: float = 0.0  # of people: have a number at the web shop
    late_days: int = 100  # bought and shared rows arrive up to this much later


PRESETS = {
    "clean": Noise(
        tablet=0.03, computer=0.03, household_mailbox=0.01, shared_login=0.002, borrowed=0.002, typo=0.003, fake=0.002,
        cashier=0.0, role_mailbox=0.005, gift=0.01, wrong_append=0.01, kiosk=0.0, recycled_phone=0.1, handed_down=0.1,
    ),
    "household": Noise(
        household_sizes=(0.06, 0.24, 0.25, 0.28, 0.17), tablet=0.6, computer=0.55, household_mailbox=0.3, shared_login=0.12,
        borrowed=0.1, handed_down=0.5, customer_ids=0.1,
    ),
    "dirty": Noise(
        typo=0.08, fake=0.08, cashier=0.06, role_mailbox=0.1, gift=0.12, wrong_append=0.3, kiosk=0.03, bot=0.01, short_name=0.25,
        name_case=0.3, recycled_phone=0.6, default_birth_date=0.05, shared_login=0.03, borrowed=0.03, computer=0.25, tablet=0.25,
    ),
    "mixed": Noise(
        typo=0.03, fake=0.03, cashier=0.02, wrong_append=0.12, tablet=0.25, computer=0.25, kiosk=0.01, gift=0.06, shared_login=0.03,
        borrowed=0.03, customer_ids=0.3,
    ),
}  # fmt: skip
