"""Names of made-up people: given names with their short forms, family names common and coined, streets and mail domains."""

from __future__ import annotations

import unicodedata
from itertools import product

# Given name, then the short forms that the same person may go by; commonest first.
GIVEN = """
James Jim Jimmy|Mary Molly|Robert Rob Bob Bobby|Patricia Pat Patty Trish|John Jack Johnny|Jennifer Jen Jenny|Michael Mike Mick
Linda Lin|David Dave|Elizabeth Liz Beth Betty|William Will Bill Billy|Barbara Barb|Richard Rick Dick Rich|Susan Sue Susie
Joseph Joe Joey|Jessica Jess|Thomas Tom Tommy|Sarah|Christopher Chris Kit|Karen|Charles Charlie Chuck|Nancy Nan|Daniel Dan Danny
Lisa|Matthew Matt|Margaret Maggie Peggy Meg|Anthony Tony|Sandra Sandy|Mark|Ashley|Donald Don Donnie|Kimberly Kim|Steven Steve
Emily Em|Andrew Andy Drew|Donna|Paul|Michelle Shelly|Joshua Josh|Carol|Kenneth Ken Kenny|Amanda Mandy|Kevin Kev|Melissa Mel Missy
Brian|Deborah Deb Debbie|Timothy Tim|Stephanie Steph|Ronald Ron Ronnie|Rebecca Becky Becca|George|Laura|Jason Jay|Helen|Edward Ed
Eddie Ted|Sharon|Jeffrey Jeff|Cynthia Cindy|Ryan|Kathleen Kathy Kate|Jacob Jake|Amy|Nicholas Nick|Angela Angie|Gary|Shirley|Eric
Brenda|Jonathan Jon|Emma|Stephen|Anna Annie|Larry|Pamela Pam|Justin|Nicole Nikki|Scott|Samantha Sam|Brandon|Katherine Katie Kathy
Benjamin Ben Benny|Christine Chris Tina|Samuel Sam Sammy|Catherine Cathy Cate|Gregory Greg|Virginia Ginny|Alexander Alex Sasha|Debra
Patrick Pat Paddy|Rachel|Frank|Janet Jan|Raymond Ray|Maria|Jack|Diane|Dennis|Julie|Jerry|Joyce|Tyler Ty|Victoria Vicky Tori|Aaron
Kelly|José|Zoë|René|Björn|Chloé|Adán|Inés|Søren|Jürgen|Sofía|Nathan Nate|Heather|Henry Hank Harry|Evelyn|Zachary Zach|Judith Judy
Douglas Doug|Christina Tina|Peter Pete|Hannah|Kyle|Andrea|Noah|Megan|Ethan|Gloria|Jeremy|Teresa Terry|Walter Walt|Ann|Christian
Sara|Keith|Madison Maddie|Roger|Frances Fran|Terry|Kathryn|Austin|Jacqueline Jackie|Sean|Jean|Gerald|Abigail Abby|Carl|Alice|Harold
Wei|Mei|Xin|Jun|Hiroshi|Yuki|Sakura|Kenji|Priya|Arjun|Ananya|Rahul|Fatima|Omar|Layla|Ahmed|Aisha|Yusuf|Olga|Ivan|Natasha|Dmitri
Giulia|Luca|Marco|Chiara|Pierre|Élodie|Matteo|Ingrid|Lars|Astrid|Mateo|Lucía|Thiago|Beatriz|Kwame|Amara|Chidi|Ngozi|Linh|Minh
"""
COMMON_FAMILY = """
Smith Johnson Williams Brown Jones Garcia Miller Davis Rodriguez Martinez Hernandez Lopez Gonzalez Wilson Anderson Thomas Taylor Moore
Jackson Martin Lee Perez Thompson White Harris Sanchez Clark Ramirez Lewis Robinson Walker Young Allen King Wright Scott Torres Nguyen
Hill Flores Green Adams Nelson Baker Hall Rivera Campbell Mitchell Carter Roberts Kim Chen Wang Li Singh Patel Khan Müller Rossi Silva
"""
ONSETS = "B Br C Cr D Dr F Fl G Gr H K Kl L M N P Pr R S Sh St T Th Tr V W Z".split()
MIDDLES = "al an ar as en er el il in ol or on um un ay ov em im".split()
ENDINGS = "berg by cott dale der don field ford gate ham ian ley low man ner ski son stone ton ville well wick wood worth".split()

DOMAINS = (
    "gmail.com yahoo.com hotmail.com outlook.com icloud.com aol.com gmx.net web.de proton.me live.com comcast.net fastmail.com".split()
)
DOMAIN_SHARES = [0.42, 0.14, 0.1, 0.1, 0.07, 0.04, 0.03, 0.02, 0.02, 0.03, 0.02, 0.01]
WORDS = "sunny blue star ocean tiger lucky moon happy silver ninja pixel maple coffee rocket panda cherry storm jazz amber falcon".split()
STREETS = (
    "Oak Maple Cedar Pine Elm Washington Lake Hill Walnut Spring North Ridge Church Willow Mill River Sunset Jackson Park Main".split()
)
STREET_KINDS = ("St", "Street", "Ave", "Avenue", "Rd", "Road", "Dr", "Drive", "Ln", "Lane")
ROLES = ("info", "sales", "office", "contact", "admin", "support")
FAKE_MAILBOXES = "test@test.com none@none.com asdf@asdf.com no@no.com a@a.com noemail@noemail.com user@example.com abc@abc.com".split()
FAKE_PHONES = (5555555555, 1111111111, 1234567890, 9999999999, 0)  # as typed: ten digits
AREA_CODES: tuple[int, ...] = (
    201,
    206,
    212,
    213,
    214,
    215,
    216,
    301,
    303,
    305,
    310,
    312,
    313,
    314,
    317,
    402,
    404,
    405,
    407,
    408,
    410,
    412,
    414,
    415,
)
AREA_CODES += (503, 504, 512, 513, 515, 602, 610, 612, 614, 615, 617, 619, 702, 703, 704, 713, 714, 718, 801, 802, 804, 813, 816, 901)


def given_names() -> list[tuple[str, ...]]:
    """Each given name followed by its short forms, commonest first."""
    return [tuple(entry.split()) for entry in GIVEN.strip().replace("\n", "|").split("|") if entry]


def family_names() -> list[str]:
    """Common family names, then a few thousand coined ones; all distinct."""
    coined = ["".join(parts) for parts in product(ONSETS, MIDDLES, ENDINGS)]
    return list(dict.fromkeys([*COMMON_FAMILY.split(), *coined]))


def plain(name: str) -> str:
    """The name as it stands in an e-mail address: lower-case ASCII letters."""
    folded = unicodedata.normalize("NFKD", name.replace("ø", "o")).encode("ascii", "ignore").decode()
    return folded.lower()
