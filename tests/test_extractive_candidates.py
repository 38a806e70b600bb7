"""Which sentences may be quoted."""

from __future__ import annotations

import pytest
from documents import CHIP_ZH, HARBOUR, a_document
from hypothesis import given, settings
from hypothesis import strategies as st

from localdigest.records import Language, Role, Sentence
from localdigest.writers.extractive_candidates import Candidate, find_candidates, is_quotable


def sentence(text: str, role: Role = Role.TEXT) -> Sentence:
    return Sentence(text, 0, 0, role)


def only(text: str) -> Candidate:
    (candidate,) = find_candidates([a_document(text, number=1)])
    return candidate


@pytest.mark.parametrize("text", [*HARBOUR.splitlines(), *CHIP_ZH.splitlines()])
def test_full_sentences_of_a_story_may_be_quoted(text: str) -> None:
    assert is_quotable(sentence(text))


@pytest.mark.parametrize("role", [Role.HEADING, Role.TABLE, Role.CODE])
def test_headings_tables_and_listings_never(role: Role) -> None:
    assert not is_quotable(sentence(HARBOUR.splitlines()[0], role))


@pytest.mark.parametrize(
    "text",
    [
        # too short, too long
        "Ferries are now electric.",
        "The council said " + "and said " * 50 + "so again.",
        "渡輪換新了。",
        # no whole sentence
        "Electric ferries for the harbour of Port Ellis, built by Fjordverk",
        "which the harbour council of Port Ellis approved on Monday after a long debate.",
        "Will the harbour council of Port Ellis replace its three ferries this year?",
        "The council said: “We will replace the three ferries in the next two years.",
        "港務局是否會在明年更換三艘柴油渡輪，目前還不清楚嗎？",
        "港務局表示（將在明年更換三艘柴油渡輪並擴建碼頭。",
        # headings, lists of names, rows of tables
        "New Electric Ferries For Port Ellis Harbour Council Approves The Purchase.",
        "Anna Reyes, Peter Hale, Kim Doe, Lee Wong, Maria Sato, Tom Berg, Ulla Lind.",
        "Monday 12.50 13.10 14.20 15.40 16.50 17.30 18.20 19.40 20.10 21.30.",
        # furniture
        "Subscribe to our newsletter to get the news of Port Ellis every morning.",
        "Click here to read the full story about the ferries of Port Ellis today.",
        "Copyright 2026 Port Ellis Courier and its licensors, all rights reserved.",
        "By Kim Doe and Lee Wong of the Port Ellis Courier, a local newspaper.",
        "Photo: the harbour of Port Ellis with one of the old ferries in the morning.",
        "We use cookies to improve your experience and to show you the ferries you like.",
        "Kim Doe is a reporter at the Port Ellis Courier and covers the harbour.",
        "This article was first published on the pages of the Port Ellis Courier.",
        "The council did not immediately respond to a request for comment on Monday.",
        "Follow us on the social networks to hear of every new ferry in the harbour.",
        "More about the ferries can be read at https://ferries.example/port-ellis today.",
        "Get 20% off your first ferry ticket to Port Ellis with the new card today.",
        "本文由港務通訊社授權轉載，未經同意請勿以任何形式使用。",
        "更多精彩內容請關注我們的公眾號，並且加入會員領取好禮。",
        "責任編輯：林小明，校對：陳大文，本報記者在港務局的採訪。",
        "歡迎訂閱電子報，每天早上收到最新的港口新聞與渡輪時刻。",
        "圖片來源：港務局提供，攝於上月舉行的新船下水典禮。",
        # marketing
        "Discover the new electric ferries of Port Ellis and enjoy a quiet ride home.",
        "Don’t miss the first ride of the new electric ferry in the harbour of Port Ellis.",
        # damage
        "The harbour council | Port Ellis | voted to replace the three ferries on Monday.",
        "The harbour council of Port Ellis voted to re\ufffdlace the three ferries on Monday.",
        "港務局決定在明年更換三 艘柴油渡輪，並且擴建東側的碼頭。",
        "港務局決定在明年更換三艘柴油渡輪，\n並且擴建東側的碼頭。",
    ],
)
def test_what_is_no_sentence_of_a_story_may_not(text: str) -> None:
    assert not is_quotable(sentence(text))


@pytest.mark.parametrize(
    "text",
    [
        "However, the harbour council will decide about the other ferries next year.",
        "It will replace the three ferries of the harbour within the next two years.",
        "This means that the harbour needs a new station for the batteries of the boats.",
        "The company will deliver the first of the three boats in March of next year.",
        "But critics fear that the piers of the harbour will not hold the heavier boats.",
        "Reyes said the harbour council would decide about the other ferries next year.",
        "“The piers have to be repaired before the first boat arrives,” she said on Monday.",
        "“The piers of the harbour have to be repaired before the first of the boats arrives.”",
        "According to the council, he had warned of the storms in a letter to the ministry.",
        "然而，港務局明年才會決定是否更換其餘的兩艘柴油渡輪。",
        "這些渡輪將在兩年內全部換成以電池驅動的新型船隻。",
        "該公司將在明年三月交付三艘新船之中的第一艘。",
        "他在星期一的記者會上說，碼頭必須在新船抵達之前修好。",
        "是今年在港口居民之間最常被問到的一個問題。",
    ],
)
def test_a_sentence_that_leans_on_the_one_before_is_known(text: str) -> None:
    assert only(text).leaning


@pytest.mark.parametrize("text", [*HARBOUR.splitlines(), *CHIP_ZH.splitlines()])
def test_a_sentence_that_stands_alone_is_known(text: str) -> None:
    assert not only(text).leaning


def test_a_person_named_before_the_pronoun_is_no_riddle() -> None:
    assert not only("The architect Ulla Lind said that she had drawn the new piers for heavier boats.").leaning


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("I think the new ferries of the harbour will be quieter than the old ones.", True),
        ("The council told us about the new ferries of the harbour on Monday.", True),
        ("我覺得新的渡輪會比舊的渡輪安靜許多，也更準時。", True),
        ("Ana Reyes said: “We will repair the piers before the boats arrive.”", False),
        (HARBOUR.splitlines()[0], False),
    ],
)
def test_the_voice_of_the_writer_is_known_but_not_that_of_the_quoted(text: str, *, expected: bool) -> None:
    assert only(text).voice is expected


def test_a_sentence_that_pages_of_one_site_share_is_furniture() -> None:
    """Whatever it says; pages of different sites may quote the same words."""
    shared = "The Port Ellis Courier has told the stories of the harbour and its people since 1921."
    one = a_document(f"{HARBOUR}\n{shared}", url="https://news.example/1", number=1)
    same_site = a_document(f"{shared}\n{CHIP_ZH}", url="https://www.news.example/2", number=2)
    other_site = a_document(f"{shared}\n{CHIP_ZH}", url="https://other.example/2", number=2)

    assert shared not in {candidate.text for candidate in find_candidates([one, same_site])}
    (found,) = [candidate for candidate in find_candidates([one, other_site]) if candidate.text == shared]
    assert (found.identifier, found.copies) == ("D1.S9", ("D2.S1",))


def test_a_chinese_page_with_hard_line_ends_gives_no_broken_sentences() -> None:
    """What goes on from the line before is no sentence of its own."""
    text = "港務局星期一決定在兩年內更換全部三艘柴油渡輪並且擴建東側的\n碼頭與充電站以便容納更重的船隻。\n" + CHIP_ZH

    found = find_candidates([a_document(text, language=Language.TRADITIONAL_CHINESE, number=1)])

    assert [candidate.text for candidate in found] == CHIP_ZH.splitlines()


def test_position_counts_candidates() -> None:
    """Furniture before the story does not push it down."""
    found = find_candidates([a_document("Share this story.\nSubscribe.\n" + HARBOUR, number=1)])

    assert [(candidate.depth, candidate.identifier) for candidate in found[:2]] == [(0, "D1.S3"), (1, "D1.S4")]


@given(st.text())
@settings(deadline=None, max_examples=150)
def test_any_text_is_judged(text: str) -> None:
    assert is_quotable(sentence(text)) in (True, False)
