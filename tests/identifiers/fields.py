"""What people write into name fields, for hypothesis to draw from."""

from __future__ import annotations

from hypothesis import strategies as st

# Letters of many scripts, marks, blanks, what names are written with, and words that are treated apart.
PIECES = st.one_of(
    st.sampled_from(
        [
            "Mr",
            "Dr.",
            "Jr",
            "test",
            "N/A",
            "NA",
            "Jean-",
            "Mary Ann",
            "Abdul ",
            "先生",
            "씨",
            "de la",
            " ",
            "'",
            "-",
            ".",
            ",",
            "xxx",
            "İ",
            "ß",
            "é",
        ]
    ),
    st.text("abcXYZéÉøßżёЙαΩ王小明欧阳佐藤김민수ヤマ太郎राمم\u0301\u200b\u3000 '-.,/&09@\x00\x1f\n\t()\"", min_size=1, max_size=6),
    st.text(max_size=4),
)
FIELDS = st.lists(PIECES, min_size=1, max_size=5).map("".join).filter(lambda s: s.isprintable() or bool(s.strip()))
FIELDS = FIELDS.filter(lambda s: not any("\ud800" <= c <= "\udfff" for c in s) and bool(s.strip()))
