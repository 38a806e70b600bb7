from __future__ import annotations

import json
import random
import re
from decimal import Decimal
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator
from vocabularies import EMPTY, END_OF_TURN, EOS, ROLE, TEXTS, VOCABULARY, factory, tokenize, written

from localdigest.engine.constraint import ConstraintFactory, Matcher
from localdigest.engine.errors import ConstraintError
from localdigest.engine.jobs import Choice, Constraint, JsonSchema, Regex, Sampling
from localdigest.engine.sampler import Sampler

FACTORY = factory()
MAX_TOKENS = 400


def schema(value: object) -> JsonSchema:
    return JsonSchema(value if isinstance(value, str) else json.dumps(value))


def write(matcher: Matcher, seed: int, *, use_forced: bool = True, max_tokens: int = MAX_TOKENS) -> tuple[bytes, bool]:
    """What a model of random mind writes, driven as the engine does; and whether it came to its end."""
    sampler = Sampler(Sampling(temperature=1.0, seed=seed))
    noise = np.random.default_rng(seed)
    tokens: list[int] = []
    while len(tokens) < max_tokens:
        for token in matcher.forced() if use_forced else ():
            matcher.advance(token)
            tokens.append(token)
        if matcher.is_complete():
            return written(tokens), True
        row = noise.normal(0, 4, len(VOCABULARY)).astype(np.float32)
        token = sampler.sample(row)
        if not matcher.accepts(token):
            token = sampler.sample_allowed(row, matcher.allowed())
        matcher.advance(token)
        if VOCABULARY[token].ends:
            return written(tokens), True
        tokens.append(token)
    return written(tokens), False


def takes(constraint: Constraint, text: str) -> bool:
    """Whether the text is a whole output of the constraint."""
    matcher = FACTORY.make(constraint)
    for byte in text.encode():
        if not matcher.accepts(byte):
            return False
        matcher.advance(byte)
    return matcher.can_end()


# ── what is written is valid ─────────────────────────────────────────────────

NAMES = st.sampled_from(
    ["name", "id", "ids", "headline", "標題", "ключ", "é", "a b", 'quo"te', "back\\slash", "", "/", "~"]
)
TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=6)


@st.composite
def ranges(draw: st.DrawFn) -> dict[str, Any]:
    low = draw(st.integers(-1200, 1200))
    high = low + draw(st.integers(2, 1500))
    made: dict[str, Any] = {draw(st.sampled_from(["minimum", "exclusiveMinimum"])): low}
    made[draw(st.sampled_from(["maximum", "exclusiveMaximum"]))] = high
    for key in list(made):
        if draw(st.booleans()):
            del made[key]
    return made


@st.composite
def counts(draw: st.DrawFn, low: str, high: str, most: int) -> dict[str, int]:
    least = draw(st.integers(0, most))
    return {low: least, high: draw(st.integers(least, most))} if draw(st.booleans()) else {high: most}


@st.composite
def objects(draw: st.DrawFn, values: st.SearchStrategy[dict[str, Any]]) -> dict[str, Any]:
    properties = draw(st.dictionaries(NAMES, values, max_size=4))
    required = [name for name in properties if draw(st.booleans())]
    made = {"type": "object", "properties": properties, "required": required}
    return made if draw(st.booleans()) else {**made, "additionalProperties": False}


LEAVES: st.SearchStrategy[dict[str, Any]] = st.one_of(
    st.just({"type": "null"}),
    st.just({"type": "boolean"}),
    ranges().map(lambda limits: {"type": "integer"} | limits),
    ranges().map(lambda limits: {"type": "number"} | limits),
    st.integers(1, 30).map(lambda step: {"type": "integer", "multipleOf": step, "minimum": 0, "maximum": 3000}),
    counts("minLength", "maxLength", 8).map(lambda limits: {"type": "string"} | limits),
    st.sampled_from([r"^[a-z]{2,4}$", r"^s\d+$", r"^(?:中|文){1,3}-\w?$"]).map(
        lambda rx: {"type": "string", "pattern": rx}
    ),
    st.lists(st.one_of(TEXT, st.integers(-99, 99), st.booleans(), st.none()), min_size=1, max_size=5).map(
        lambda values: {"enum": values}
    ),
    st.one_of(
        TEXT,
        st.integers(-(10**9), 10**9).map(lambda number: number / 1000),
        st.lists(st.integers(0, 9), max_size=2),
        st.dictionaries(NAMES, TEXT, max_size=2),
    ).map(lambda value: {"const": value}),
    st.just({"type": ["string", "null"], "maxLength": 3}),
    st.just({"enum": [f"s{number}" for number in range(300)]}),
    st.just({"$ref": "#/$defs/shared"}),
)
SCHEMAS = st.recursive(
    LEAVES,
    lambda inner: st.one_of(
        objects(inner),
        st.builds(
            lambda items, limits: {"type": "array", "items": items} | limits, inner, counts("minItems", "maxItems", 3)
        ),
        st.lists(inner, min_size=1, max_size=3).map(lambda options: {"anyOf": options}),
    ),
    max_leaves=8,
).map(
    lambda made: {
        **made,
        "$defs": {
            "shared": {
                "type": "object",
                "properties": {"標題": {"type": "string", "maxLength": 4}},
                "required": ["標題"],
            }
        },
    }
)


@given(SCHEMAS, st.integers(0, 2**32))
@settings(deadline=None, max_examples=120)
def test_every_output_that_ends_is_valid(made: dict[str, Any], seed: int) -> None:
    """Five completions of each of the schemas, from random logits."""
    validator = Draft202012Validator(made)
    for offset in range(5):
        text, ended = write(FACTORY.make(schema(made)), seed + offset, use_forced=offset > 0)
        if ended:
            validator.validate(json.loads(text.decode()))
            assert not re.search(r"\s", re.sub(r'"(?:[^"\\]|\\.)*"', "", text.decode()))


def test_outputs_of_bounded_schemas_do_end() -> None:
    """With numbers, strings and arrays bounded nothing can be written for ever."""
    made = {
        "type": "array",
        "maxItems": 3,
        "items": {
            "type": "object",
            "properties": {
                "text": {"type": "string", "maxLength": 9},
                "n": {"type": "number"},
                "i": {"type": "integer"},
            },
            "required": ["text", "n", "i"],
        },
    }
    outputs = [write(FACTORY.make(schema(made)), seed) for seed in range(60)]

    assert all(ended for _, ended in outputs)


@given(SCHEMAS, st.integers(0, 2**32))
@settings(deadline=None, max_examples=60)
def test_mask_accepts_and_forced_agree_everywhere(made: dict[str, Any], seed: int) -> None:
    """Forced tokens begin every valid continuation; the mask is what `accepts` says; complete means nothing follows."""
    matcher = FACTORY.make(schema(made))
    choose = random.Random(seed)
    for _ in range(40):
        if matcher.is_complete():
            break
        order = choose.randrange(3)
        forced = matcher.forced() if order else []
        allowed = matcher.allowed()
        forced = matcher.forced() if not order else forced
        tokens = [token for token in range(len(VOCABULARY)) if matcher.accepts(token)]
        assert np.flatnonzero(allowed).tolist() == tokens
        assert matcher.can_end() == (EOS in tokens) == (END_OF_TURN in tokens)
        if forced:
            must = written(forced)
            assert not matcher.can_end()
            assert all(must.startswith(text := VOCABULARY[token].text) or text.startswith(must) for token in tokens)
            assert matcher.count_accepted(forced) == len(forced)
        text_tokens = [token for token in tokens if not VOCABULARY[token].ends]
        if not text_tokens:
            pytest.fail("only an end token is left, and the matcher is not complete")
        for token in forced if forced and choose.random() < 0.5 else [choose.choice(text_tokens)]:
            matcher.advance(token)
    if matcher.is_complete():
        assert np.flatnonzero(matcher.allowed()).tolist() == [EOS, END_OF_TURN]
        assert matcher.forced() == []
        assert matcher.can_end()


# ── what is valid can be written ─────────────────────────────────────────────


@given(st.text(st.characters(exclude_categories=["Cs"]), max_size=12))
@settings(deadline=None)
def test_any_string_within_its_length_can_be_written(text: str) -> None:
    """`maxLength` counts characters: escapes and characters outside the basic plane are one each."""
    body = json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")

    assert takes(schema({"type": "string", "maxLength": len(text)}), body)
    assert takes(schema({"const": text}), body)
    assert not text or not takes(schema({"type": "string", "maxLength": len(text) - 1}), body)
    assert not takes(schema({"type": "string", "minLength": len(text) + 1}), body)


THOUSANDTHS = st.decimals(-300, 300, places=3)
BOUNDS = st.one_of(st.integers(-300, 300), THOUSANDTHS.map(float), st.floats(-300, 300, width=32))


LEAST = st.sampled_from(["minimum", "exclusiveMinimum"])
MOST = st.sampled_from(["maximum", "exclusiveMaximum"])


@given(BOUNDS, BOUNDS, LEAST, MOST, THOUSANDTHS)
@settings(deadline=None, max_examples=300)
def test_numbers_are_kept_within_their_bounds(low: float, high: float, least: str, most: str, value: Decimal) -> None:
    """Exactly: a number is taken if and only if it is within the bounds."""
    made = {"type": "number", least: low, most: high}
    exact, first, last = Fraction(str(value)), Fraction(repr(low)), Fraction(repr(high))
    text = "0" if not exact else f"{value:f}".rstrip("0").rstrip(".")
    after = exact >= first if least == "minimum" else exact > first
    before = exact <= last if most == "maximum" else exact < last
    try:
        assert takes(schema(made), text) == (after and before)
    except ConstraintError:
        assert not (after and before)


@pytest.mark.parametrize(
    ("bounds", "number"),
    [
        ({"minimum": 0, "maximum": 0.125}, "0.12"),
        ({"minimum": 0, "exclusiveMaximum": 300}, "299.999"),
        ({"minimum": -299.1239, "maximum": 0}, "-299.123"),
    ],
)
def test_what_a_bound_begins_with_is_within_it(bounds: dict[str, float], number: str) -> None:
    assert takes(schema({"type": "number", **bounds}), number)


@pytest.mark.parametrize("number", [-75, -10, 0, 75, -0.5])
def test_bounds_that_leave_one_number_allow_it(number: float) -> None:
    made = schema({"type": "number", "minimum": number, "maximum": number})

    assert takes(made, str(number))
    assert not takes(made, "1")


@given(st.integers(-(2**53) + 1, 2**53 - 1), st.integers(-(2**53) + 1, 2**53 - 1), st.integers(-(2**53) + 1, 2**53 - 1))
@settings(deadline=None, max_examples=200)
def test_integers_are_kept_within_their_bounds(one: int, other: int, value: int) -> None:
    low, high = min(one, other), max(one, other)

    assert takes(schema({"type": "integer", "minimum": low, "maximum": high}), str(value)) == (low <= value <= high)


@pytest.mark.parametrize(
    ("made", "text", "taken"),
    [
        ({"type": "number"}, "-0.25", True),
        ({"type": "number"}, "9007199254740991", True),
        ({"type": "number"}, "1e5", False),
        ({"type": "number"}, "0.1234567", False),
        ({"type": "integer"}, "9007199254740992", False),
        ({"type": "integer"}, "1.0", False),
        ({"type": "integer"}, "01", False),
        ({"type": "integer", "maximum": 2**63 - 1}, "12", True),
        ({"type": "number", "multipleOf": 5}, "10", True),
        ({"type": "number", "multipleOf": 5}, "11", False),
        ({"type": "boolean"}, "true", True),
        ({"const": 1.0}, "1", True),
        ({"enum": [1, 10, 100]}, "10", True),
        ({"type": "string", "enum": ["a", "ab"]}, '"ab"', True),
        ({"type": ["integer", "null"], "maximum": 3}, "null", True),
        ({"type": ["integer", "null"], "maximum": 3}, "4", False),
        ({"type": "array", "items": {"type": "null"}, "maxItems": 2}, "[null,null]", True),
        ({"type": "array", "items": {"type": "null"}, "maxItems": 2}, "[null,null,null]", False),
        ({"type": "array", "items": {"type": "null"}, "minItems": 1}, "[]", False),
        ({"type": "array", "items": {"type": "null"}}, "[null, null]", False),
        ({"type": "object", "properties": {}}, "{}", True),
        ({"type": "object", "properties": {"a": {"type": "null"}}}, '{"b":1}', False),
        ({"type": "object", "properties": {"b": {"type": "null"}, "a": {"type": "null"}}}, '{"b":null,"a":null}', True),
        ({"$ref": "#/definitions/a~1b", "definitions": {"a/b": {"type": "null"}}}, "null", True),
    ],
)
def test_single_values(made: object, text: str, taken: bool) -> None:  # noqa: FBT001 - a table
    assert takes(schema(made), text) == taken


def test_one_of_with_a_property_that_tells_the_options_apart() -> None:
    def option(kind: str, inner: str) -> dict[str, Any]:
        properties = {"kind": {"const": kind}, inner: {"type": "null"}}
        return {"type": "object", "properties": properties, "required": ["kind", inner], "additionalProperties": False}

    made = schema({"oneOf": [option("x", "a"), option("y", "b")]})

    assert takes(made, '{"kind":"y","b":null}')
    assert not takes(made, '{"kind":"y","a":null}')


def test_enumerations_of_hundreds_of_ids() -> None:
    """As the map stage asks for: sentence ids that are each other's prefixes."""
    made = schema({"type": "array", "maxItems": 5, "items": {"enum": [f"s{number}" for number in range(900)]}})

    assert takes(made, '["s1","s12","s123","s899"]')
    assert not takes(made, '["s900"]')


# ── expressions and choices ──────────────────────────────────────────────────

PATTERNS = [
    r"^[a-z]{2,4}$",
    r"^s\d+(?:,s\d+){0,3}$",
    r"^(?:yes|no|not sure)\.?$",
    r"^[^\"'\n]{0,5}$",
    r"^[^\\]{1,5}$",
    r"^[^ -,a-z]+$",
    r"^[\w.\-]+@[a-z\d]+\.(com|tw)$",
    r"^.{0,4}$",
    r"^\[[A-F0-9&~-]*\]$",
    r"^[一-龥]{1,4}，?$",
    r"^$",
    r"^(a|b)*c?$",
]


@pytest.mark.parametrize("pattern", PATTERNS)
@given(data=st.data())
@settings(deadline=None, max_examples=30)
def test_patterns_mean_what_they_mean_to_others(pattern: str, data: st.DataObject) -> None:
    """What matches, in ASCII where Python goes further, can be written; and what is written matches."""
    text = data.draw(
        st.from_regex(re.compile(pattern, re.ASCII), fullmatch=True, alphabet=st.characters(codec="utf-8"))
    )
    made = schema({"type": "string", "pattern": pattern, "maxLength": 40})
    plain = not set(text) & set("\0\r\u2028\u2029\x7f")  # NUL is never written, which is narrower
    if plain and len(text) <= 40 and not text.endswith("\n"):
        assert takes(made, json.dumps(text, ensure_ascii=False))

    output, ended = write(FACTORY.make(made), data.draw(st.integers(0, 2**32)), max_tokens=120)

    assert not ended or re.fullmatch(pattern, json.loads(output.decode()))


@pytest.mark.parametrize("letter", ['"', "\\", "é"])
def test_a_class_that_leaves_a_letter_out_takes_it_in_no_form(letter: str) -> None:
    """Quotation marks and backslashes are written escaped, and are the same letters."""
    made = schema({"type": "string", "pattern": rf"^[^\{letter}]{{0,3}}$" if letter.isascii() else f"^[^{letter}]*$"})

    assert takes(made, json.dumps("ab"))
    assert not takes(made, json.dumps(f"a{letter}", ensure_ascii=False))


@pytest.mark.parametrize(
    "pattern", ["a|ab", "[0-9]{2}-[0-9]{2}", "(?s:.){0,4}", "[ab]*c", "(?i)yes|no", "中{1,3}/?", "x{3}"]
)
def test_expressions_hold_for_the_whole_output(pattern: str) -> None:
    outputs = [write(FACTORY.make(Regex(pattern)), seed) for seed in range(30)]

    assert all(re.fullmatch(pattern, text.decode()) for text, ended in outputs if ended)
    assert any(ended for _, ended in outputs)


@given(st.lists(TEXT.filter(bool), min_size=1, max_size=6), st.integers(0, 2**32))
@settings(deadline=None, max_examples=150)
def test_a_choice_is_one_of_its_options(options: list[str], seed: int) -> None:
    text, ended = write(FACTORY.make(Choice(tuple(options))), seed)

    assert ended
    assert text.decode() in options


def test_an_option_that_begins_another_can_end_or_go_on() -> None:
    matcher = FACTORY.make(Choice(("yes", "yes, but", "no")))
    for byte in b"yes":
        matcher.advance(byte)

    assert matcher.can_end()
    assert not matcher.is_complete()
    assert matcher.accepts(ord(","))
    assert matcher.accepts(EOS)


def test_nothing_follows_the_only_option() -> None:
    matcher = FACTORY.make(Choice(("headline",)))
    forced = matcher.forced()
    for token in forced:
        matcher.advance(token)

    assert written(forced) == b"headline"
    assert matcher.is_complete()


def test_an_expression_of_nothing_is_complete_at_once() -> None:
    assert FACTORY.make(Regex("")).is_complete()


# ── tokens ───────────────────────────────────────────────────────────────────


def test_tokens_that_are_no_text_are_never_allowed() -> None:
    """Control tokens, marks of roles and empty tokens, though a string may hold their letters."""
    matcher = FACTORY.make(schema({"type": "string"}))
    matcher.advance(ord('"'))

    assert not matcher.allowed()[[EOS, END_OF_TURN, ROLE, EMPTY]].any()
    assert matcher.accepts(ord("<"))


def test_every_end_token_ends() -> None:
    for end in (EOS, END_OF_TURN):
        matcher = FACTORY.make(Regex("a*"))
        matcher.advance(end)
        assert matcher.is_complete()


def test_what_breaks_the_constraint_is_an_error() -> None:
    with pytest.raises(ConstraintError, match="breaks"):
        FACTORY.make(Regex("ab")).advance(ord("b"))
    with pytest.raises(ConstraintError, match="before its constraint"):
        FACTORY.make(Regex("ab")).advance(EOS)


def test_matchers_of_one_constraint_do_not_meet() -> None:
    one, other = FACTORY.make(Regex("abc")), FACTORY.make(Regex("abc"))
    one.advance(ord("a"))

    assert one.accepts(ord("b"))
    assert other.accepts(ord("a"))


def test_a_run_of_tokens_is_counted_up_to_the_first_that_is_refused() -> None:
    matcher = FACTORY.make(Regex("ab[cd]*"))

    assert matcher.count_accepted([ord(letter) for letter in "abcdxc"]) == 4
    assert matcher.count_accepted([ord("a"), ord("b"), EOS, ord("c")]) == 2
    assert matcher.accepts(ord("a"))


@pytest.mark.parametrize("tokenize_badly", ["wrong text", "special", "raises", "out of range"])
def test_forced_text_survives_a_tokeniser_that_is_wrong(tokenize_badly: str) -> None:
    """The bytes are exact all the same: what does not give them back is not used."""

    def tokens(text: str) -> list[int]:
        if tokenize_badly == "raises":
            raise RuntimeError
        return {"wrong text": [*tokenize(text), ord(" ")], "special": [ROLE], "out of range": [10**6]}[tokenize_badly]

    matcher = ConstraintFactory(VOCABULARY, eos=EOS, tokenize=tokens).make(Choice(("headline",)))

    assert written(matcher.forced()) == b"headline"


def test_a_vocabulary_that_cannot_write_the_text() -> None:
    """No way to write 中 without its bytes."""
    vocabulary = [entry for entry in VOCABULARY if entry.text.isascii()]
    eos = next(index for index, entry in enumerate(vocabulary) if entry.ends)
    poor = ConstraintFactory(vocabulary, eos=eos, tokenize=lambda _: [])

    with pytest.raises(ConstraintError, match="can write"):
        poor.make(Choice(("中",)))
    matcher = poor.make(Choice(("a中",)))
    matcher.advance(next(index for index, entry in enumerate(vocabulary) if entry.text == b"a"))
    with pytest.raises(ConstraintError, match="No token"):
        matcher.allowed()


# ── what is refused ──────────────────────────────────────────────────────────

REFUSED = [
    # keywords that the compiler ignores, reads in its own way, or could not keep
    ('{"foo":1,"type":"null"}', "'foo'"),
    ('{"type":"object","properties":{"a":{"type":"string","maxlength":3}}}', "'maxlength' at /properties/a "),
    ('{"type":"null","x-guidance":{"lenient":true}}', "'x-guidance'"),
    ('{"if":{"type":"null"},"then":{"type":"null"}}', "'if'"),
    ('{"not":{"type":"null"}}', "'not'"),
    ('{"allOf":[{"type":"null"}]}', "'allOf'"),
    ('{"type":"string","format":"date"}', "'format'"),
    ('{"type":"array","items":{"type":"null"},"uniqueItems":true}', "'uniqueItems'"),
    ('{"type":"array","items":{"type":"null"},"contains":{"type":"null"}}', "'contains'"),
    ('{"type":"array","items":{"type":"null"},"minContains":1}', "'minContains'"),
    ('{"type":"array","items":[{"type":"null"}]}', "is no schema"),
    ('{"type":"array","prefixItems":[{"type":"null"}]}', "'prefixItems'"),
    ('{"type":"array","items":true}', "is no schema"),
    ('{"type":"array"}', "'items'"),
    ('{"type":"object","properties":{},"dependentSchemas":{}}', "'dependentSchemas'"),
    ('{"type":"object","properties":{},"patternProperties":{}}', "'patternProperties'"),
    ('{"type":"object","properties":{},"propertyNames":{}}', "'propertyNames'"),
    ('{"type":"object","properties":{},"unevaluatedProperties":false}', "'unevaluatedProperties'"),
    ('{"type":"object","properties":{},"minProperties":1}', "'minProperties'"),
    ('{"type":"object","properties":{},"additionalProperties":{"type":"null"}}', "'additionalProperties'"),
    ('{"type":"object","properties":{},"additionalProperties":true}', "'additionalProperties'"),
    ('{"type":"object"}', "'properties'"),
    ('{"type":"object","properties":{},"required":["a"]}', "'required'"),
    ('{"type":"object","properties":{},"required":"a"}', "'required'"),
    ("{}", "'type'"),
    ('{"type":"thing"}', "'type'"),
    ('{"type":[]}', "'type'"),
    ('{"type":"integer","maxLength":3}', "'maxLength'"),
    ('{"anyOf":[]}', "'anyOf'"),
    ('{"anyOf":[{"type":"null"}],"type":"null"}', "'type'"),
    ('{"enum":[]}', "'enum'"),
    ('{"enum":[1],"minimum":3}', "'minimum'"),
    ('{"type":"string","enum":["a",1]}', "'enum'"),
    ('{"type":"integer","const":1.5}', "'const'"),
    ('{"const":12345678901234567890}', "'const'"),
    ('{"const":[1e300]}', "'const'"),
    ('{"const":2.0067146283438065e-242}', "'const'"),  # the compiler reads it as its neighbour
    ('{"const":0.1234567}', "'const'"),
    ('{"const":"\\ud800"}', "'const'"),
    ('{"type":"object","properties":{"\\ud800":{"type":"null"}}}', "surrogate"),
    # options of oneOf that could both match
    ('{"oneOf":[{"type":"number"},{"type":"integer"}]}', "'oneOf'"),
    ('{"oneOf":[{"type":"object","properties":{}},{"type":"null"}]}', "'additionalProperties' at /oneOf/0 "),
    # references
    ('{"$ref":"https://example.org/schema"}', "'\\$ref'"),
    ('{"$ref":"#/$defs/none"}', "'\\$ref'"),
    ('{"$ref":"#/$defs/a","$defs":{"a":{"type":"array","items":{"$ref":"#/$defs/a"}}}}', "'\\$ref'"),
    ('{"$ref":"#/$defs/a","maximum":3,"$defs":{"a":{"type":"integer"}}}', "'maximum'"),
    ('{"type":"array","items":{"$id":"x","type":"null"}}', "'\\$id'"),
    # nothing would be valid, or the numbers are wrong
    ('{"type":"integer","minimum":5,"maximum":1}', "'minimum'"),
    ('{"type":"integer","minimum":1.2,"maximum":1.8}', "'minimum'"),
    ('{"type":"number","exclusiveMinimum":1,"maximum":1}', "'exclusiveMinimum'"),
    ('{"type":"integer","minimum":1,"maximum":4,"multipleOf":5}', "'minimum'"),
    ('{"type":"number","multipleOf":0.1}', "'multipleOf'"),
    ('{"type":"integer","multipleOf":0}', "'multipleOf'"),
    ('{"type":"integer","minimum":"1"}', "'minimum'"),
    ('{"type":"integer","minimum":0,"exclusiveMinimum":true}', "'exclusiveMinimum'"),
    ('{"type":"array","items":{"type":"null"},"minItems":3,"maxItems":1}', "'minItems'"),
    ('{"type":"string","minLength":3,"maxLength":1}', "'minLength'"),
    ('{"type":"string","maxLength":-1}', "'maxLength'"),
    ('{"type":"string","maxLength":"9"}', "'maxLength'"),
    ('{"type":"string","maxLength":99999999999}', "'maxLength'"),
    ('{"type":"string","pattern":"^[a-c]{2,3}$","maxLength":1}', "Unsatisfiable"),
    # no schema at all
    ("true", "not an object"),
    ("[]", "not an object"),
    ("{", "not JSON"),
    ('{"type":"null","type":"string"}', "twice"),
    ('{"type":"number","minimum":NaN}', "NaN"),
    ("[" * 100_000, "not JSON"),
    ('{"type":"array","items":' * 60 + '{"type":"null"}' + "}" * 60, "nested"),
]


@pytest.mark.parametrize(("text", "named"), REFUSED, ids=[text[:60] for text, _ in REFUSED])
def test_a_schema_that_cannot_be_kept_is_refused(text: str, named: str) -> None:
    """Never loosened; the message names the keyword and its place."""
    with pytest.raises(ConstraintError, match=named):
        FACTORY.make(JsonSchema(text))


BAD_PATTERNS = r"""
    a ^a a$ ^a\$ ^(?=a)b$ ^(?i)a$ ^\bx$ ^\s$ ^\D$ ^[^\d]$ ^(a)\1$ ^a+?$ ^a++$ ^[[:alpha:]]$ ^[]a]$ ^a)(b$ ^(?P<n>a)$
    ^\p{L}$ ^a$b$ ^[a-c-e]$ ^[c-a]$ ^a{,3}$ ^{$ ^\u0041$ ^[a&&b$ ^(a$ ^*$
"""


@pytest.mark.parametrize("pattern", BAD_PATTERNS.split())
def test_a_pattern_that_not_all_read_alike_is_refused(pattern: str) -> None:
    with pytest.raises(ConstraintError, match="'pattern'"):
        FACTORY.make(schema({"type": "string", "pattern": pattern}))


@pytest.mark.parametrize("pattern", ["[", "(?=a)", r"(a)\1", "(?-u:.)", "[a&&b]", "*", "\ud800"])
def test_an_expression_that_cannot_be_kept_is_refused(pattern: str) -> None:
    with pytest.raises(ConstraintError):
        FACTORY.make(Regex(pattern))


@pytest.mark.parametrize("options", [(), ("",), ("a", ""), ("\ud800",)])
def test_a_choice_without_options_is_refused(options: tuple[str, ...]) -> None:
    with pytest.raises(ConstraintError):
        FACTORY.make(Choice(options))


def test_the_test_vocabulary_has_every_byte() -> None:
    assert {text for text in TEXTS if len(text) == 1} == {bytes([value]) for value in range(256)}
