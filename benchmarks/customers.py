"""Made-up customers for the server benchmark, as the bytes that a client sends: 8 identifiers and 6 traits each, in 14 observations.

Customers are made from a thousand patterns by writing each one's number over a mark of eight digits, so that a million observations cost
seconds and no memory. What a customer is seen with over time lies scattered over neighbouring requests, as in life: most observations reach
somebody who is known already.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass

from idweave.v1.identifier_pb2 import Identifier
from idweave.v1.identity_service_pb2 import BatchLookupRequest, IngestBatchRequest, IngestRequest, LookupQuery, LookupRequest
from idweave.v1.observation_pb2 import Event, Observation, Trait

from benchmarks import names

IDENTIFIERS = 8  # of a customer
TRAITS = 6
OBSERVATIONS = 14  # nine of them with one identifier
PATTERNS = 1_000
BLOCK = 2_000  # customers whose observations are shuffled together
BATCH = 1_000  # observations in a request
MARK = "73950286"  # eight digits that stand for the customer's number
SPREAD = 61_803_399  # odd and no multiple of five: numbers times this, modulo 10**8, are all different and look like nothing
FEW_DIGITS = 4  # a phone number of fewer different digits may look invented, and then it belongs to nobody
DAY = 86_400
DOMAINS = ("gmail.com", "gmx.net", "proton.me", "icloud.com", "web.de")


@dataclass(frozen=True, slots=True)
class Pattern:
    """A customer with MARK for the number. observations: each as a field of IngestBatchRequest."""

    identifiers: tuple[Identifier, ...]
    observations: tuple[bytes, ...]


class Customers:
    """now: seconds UTC; everything is observed in the 200 days before it."""

    def __init__(self, seed: int, now: int) -> None:
        self._random = random.Random(seed)
        self._patterns = [self._pattern(now) for _ in range(PATTERNS)]

    def observations(self, first: int, count: int) -> Iterator[bytes]:
        """The observations of customers from `first` on, shuffled within blocks; each as a field of IngestBatchRequest."""
        mark = MARK.encode()
        for begin in range(first, first + count, BLOCK):
            block: list[bytes] = []
            for customer in range(begin, min(begin + BLOCK, first + count)):
                number = _number(customer).encode()
                block += [one.replace(mark, number) for one in self._patterns[customer % PATTERNS].observations]
            self._random.shuffle(block)
            yield from block

    def batches(self, first: int, count: int) -> Iterator[tuple[int, bytes]]:
        """(observations, IngestBatchRequest) of customers from `first` on."""
        some: list[bytes] = []
        for one in self.observations(first, count):
            some.append(one)
            if len(some) == BATCH:
                yield BATCH, b"".join(some)
                some = []
        if some:
            yield len(some), b"".join(some)

    def single(self, first: int, count: int) -> Iterator[bytes]:
        """An IngestRequest for each observation of customers from `first` on."""
        yield from self.observations(first, count)  # `observation` of one and `observations` of the other are both field 1

    def identifier(self, customer: int, place: int) -> Identifier:
        """One of the customer's eight."""
        found = self._patterns[customer % PATTERNS].identifiers[place]
        return Identifier(namespace=found.namespace, issuer=found.issuer, value=found.value.replace(MARK, _number(customer)))

    def any_identifiers(self, seed: int, known: int, count: int) -> list[Identifier]:
        """Some identifiers of some of the first `known` customers, all of which belong to them."""
        chance = random.Random(seed)
        found: list[Identifier] = []
        while len(found) < count:
            customer = chance.randrange(known)
            if len(set(_number(customer))) > FEW_DIGITS:
                found.append(self.identifier(customer, chance.randrange(IDENTIFIERS)))
        return found

    def _pattern(self, now: int) -> Pattern:
        draw = self._random
        given, family = draw.choice(names.given_names())[0], draw.choice(names.family_names())
        spelt = f"{names.plain(given)}.{names.plain(family)}"
        web, app, social = draw.sample(DOMAINS, 2), f"{draw.randrange(16**12):012x}", f"{names.plain(given)}{draw.choice('_x9')}{MARK}"
        cookies = [f"{draw.randrange(16**12):012x}{MARK}{draw.randrange(16**12):012x}" for _ in range(2)]
        one, two = (Identifier(namespace="email", value=f"{spelt}{MARK}@{domain}") for domain in web)
        here, there = (Identifier(namespace="cookie", value=value) for value in cookies)
        card = Identifier(namespace="customer_id", issuer="shop", value=MARK)
        phone = Identifier(namespace="phone", value=f"+4915{draw.choice('1279')}{MARK}")
        device = Identifier(namespace="device", value=f"{MARK}-{draw.randrange(16**4):04x}-4a7d-9c31-{app}")
        handle = Identifier(namespace="social", value=f"x:{social[-15:]}")
        born = f"{draw.randint(1940, 2005)}-{draw.randint(1, 12):02}-{draw.randint(1, 28):02}"
        name = {"first_name": given, "last_name": family}
        place = {
            "street": f"{draw.randint(1, 200)} {draw.choice(names.STREETS)} {draw.choice(names.STREET_KINDS)}",
            "city": draw.choice(names.STREETS) + "ville",
            "postcode": f"{draw.randint(10_000, 99_999)}",
        }
        viewed = Event(type="page_view", properties=[Trait(name="path", text=f"/{draw.choice(names.WORDS)}/{draw.randint(1, 500)}")])
        bought = Event(type="order", properties=[Trait(name="category", text=draw.choice(names.WORDS))])
        bought.amount.units, bought.amount.currency = draw.randint(5, 300), "EUR"
        said: list[tuple[str, str, tuple[Identifier, ...], dict[str, str], Event | None]] = [
            ("web", "LOGIN", (here, one, card), name, None),
            ("web", "ORDER", (there, one, phone), name | place, bought),
            ("app", "APP_LOGIN", (device, card), {"birth_date": born}, None),
            ("app", "SOCIAL_LOGIN", (handle, two), {}, None),
            ("app", "SOCIAL_LOGIN", (handle, device), {}, None),
            *(("web", "BROWSE", (draw.choice((here, there)),), {}, viewed) for _ in range(3)),
            *(("web", "BROWSE", (draw.choice((here, there)),), {}, None) for _ in range(3)),
            *(("app", "BROWSE", (device,), {}, None) for _ in range(3)),
        ]
        assert len(said) == OBSERVATIONS
        observations = []
        for number, (source, kind, identifiers, traits, event) in enumerate(said):
            seen = Observation(observation_id=f"{MARK}-{number:02}", evidence_kind=kind, identifiers=identifiers)
            seen.source.name, seen.time.seconds = source, now - draw.randrange(DAY, 200 * DAY)
            seen.traits.extend(Trait(name=trait, text=text) for trait, text in traits.items())
            seen.events.extend([event] if event else [])
            observations.append(IngestBatchRequest(observations=[seen]).SerializeToString())
        return Pattern((one, two, here, there, card, phone, device, handle), tuple(observations))


def lookup(identifier: Identifier, *, include_profile: bool = False) -> bytes:
    """A LookupRequest."""
    return LookupRequest(identifiers=[identifier], include_profile=include_profile).SerializeToString()


def batch_lookup(identifiers: list[Identifier]) -> bytes:
    """A BatchLookupRequest with a query for each."""
    return BatchLookupRequest(queries=[LookupQuery(identifiers=[one]) for one in identifiers]).SerializeToString()


def _number(customer: int) -> str:
    return f"{(customer + 1) * SPREAD % 10**8:08}"


assert IngestRequest.OBSERVATION_FIELD_NUMBER == IngestBatchRequest.OBSERVATIONS_FIELD_NUMBER
