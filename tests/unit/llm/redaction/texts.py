"""Texts and values at random, made of what trips a reader of texts."""

from __future__ import annotations

from hypothesis import strategies as st

from unit.llm.redaction.ordinary import ORDINARY
from unit.llm.redaction.planted import plant

PLANTED = list(plant(seed=6))
FRAGMENTS = (
    *(
        "password=",
        '"',
        "'",
        "\\",
        '\\"',
        "%40",
        "://",
        "@",
        ":",
        "[[",
        "]]",
        "[[email-3f9a07bc]]",
        "Bearer ",
        "\n",
        "=",
    ),
    *(
        "4111 1111 1111 1111",
        "alice@example.com",
        "+49 170 1234567",
        "10.0.0.1",
        "a:b@c.de",
        "cookie: a=b;",
        "--token ",
    ),
)


def one_of(choices):
    return st.integers(0, len(choices) - 1).map(lambda index: choices[index])


pieces = st.one_of(
    st.text(max_size=12),
    st.text(alphabet=st.characters(categories=("Cs", "Cf", "Cc", "Nd")), max_size=5),
    one_of([entry.text for entry in PLANTED]),
    one_of(ORDINARY),
    one_of(FRAGMENTS),
)
texts = st.lists(pieces, max_size=8).map("".join)
values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | texts,
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(texts | st.sampled_from(["password", "name", "value"]), inner, max_size=3)
        | st.tuples(inner, inner)
    ),
    max_leaves=6,
)

showable = st.lists(
    one_of(ORDINARY)
    | st.sampled_from(
        ["alice@example.com", "+49 170 1234567", "10.0.0.1", "b\\u0040example.com", "(415) 555-2671"]
    )
    | st.sampled_from(["[[email-3f9a]]", "[[user-12345678]]", "https://bob@example.com/x", "a%40example.com"])
    | st.text(alphabet="abc \u200b\ud800é,.", max_size=6),
    max_size=6,
).map(" ".join)
