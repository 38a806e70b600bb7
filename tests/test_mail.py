"""Mail messages: the fields, the part that holds the text, and what is no part of it."""

from __future__ import annotations

from email.message import EmailMessage

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from localdigest.parsing.mail import read_mail
from localdigest.parsing.parsed import Parsed, Unusable
from localdigest.records import DateEvidence, Reason

HTML = (
    "<html><body><h1>News</h1>"
    + "<p>The newsletter tells of models and of machines that run them.</p>" * 5
    + "</body></html>"
)


def message(plain: str = "", html: str = "") -> EmailMessage:
    mail = EmailMessage()
    mail["Subject"] = "本週 AI 新聞 — weekly"
    mail["From"] = "Ann Lee <ann@news.example>"
    mail["Date"] = "Tue, 30 Dec 2025 08:15:00 +0800"
    if plain:
        mail.set_content(plain)
    if html:
        (mail.add_alternative if plain else mail.set_content)(html, subtype="html")
    return mail


def parsed(mail: EmailMessage | bytes) -> Parsed:
    found = read_mail(mail if isinstance(mail, bytes) else bytes(mail))
    assert isinstance(found, Parsed), found
    return found


def text(mail: EmailMessage | bytes) -> str:
    return "\n\n".join(block.text for block in parsed(mail).blocks)


def test_the_fields_become_metadata() -> None:
    """Encoded words are undone; the site is the sender's."""
    found = parsed(message("Hello there.\n\nThis is the text."))

    assert found.title == "本週 AI 新聞 — weekly"
    assert found.byline == "Ann Lee"
    assert found.site == "news.example"
    assert (found.published, found.published_by) == ("2025-12-30T08:15:00+08:00", DateEvidence.DOCUMENT)


def test_the_part_that_says_more_is_taken() -> None:
    """Newsletters put `view this in a browser` into the plain part."""
    assert "models and of machines" in text(message("View this mail in a browser.", HTML))


def test_the_plain_part_is_taken_where_it_is_whole() -> None:
    """An HTML twin that holds less changes nothing."""
    plain = "A long text. " * 30

    assert text(message(plain, "<p>Short.</p>")).startswith("A long text.")


def test_signature_and_quoted_mail_are_left_out() -> None:
    """They are not what this message says."""
    body = "My own words.\n\n> Their words.\n> More of them.\n"

    assert text(message(body)) == "My own words."
    assert text(message("My own words.\n-- \nAnn Lee\nNews Example\n")) == "My own words."


def test_an_attachment_is_no_text() -> None:
    """Even one of type text/plain."""
    mail = message("The text of the mail itself.")
    mail.add_attachment("x " * 500, filename="log.txt")

    assert text(mail) == "The text of the mail itself."


def test_a_mail_of_pictures_holds_no_text() -> None:
    """A reason, not an empty document."""
    mail = EmailMessage()
    mail["Subject"] = "Picture"
    mail.set_content(b"\x89PNG", maintype="image", subtype="png")

    found = read_mail(bytes(mail))

    assert found == Unusable(Reason.EMPTY, "the message holds no text")


@pytest.mark.parametrize(
    ("charset", "words"), [("big5", "臺灣的軟體業者"), ("gb2312", "软件业者今天"), ("utf-8", "臺灣")]
)
def test_the_declared_charset_is_undone(charset: str, words: str) -> None:
    """Old mail programs write national charsets."""
    body = f"Subject: x\nFrom: a@b.example\nContent-Type: text/plain; charset={charset}\n\n".encode() + (
        words * 9
    ).encode(charset)

    assert text(body) == words * 9


@pytest.mark.parametrize(
    "head",
    [
        b"Subject: =?utf-8?b?broken\nFrom: <<>>\nDate: never\n",
        b"Subject: =?no-such?q?x?=\nFrom: \xff\xfe\nDate: 99 Zzz 2025 99:99\n",
        b"Content-Type: multipart/mixed; boundary=\n",
        b"Content-Type: text/plain; charset=no-such\n",
    ],
)
def test_broken_headers_do_not_matter(head: bytes) -> None:
    """The text is there all the same."""
    assert isinstance(read_mail(head + b"\nThe text of the mail.\n"), Parsed | Unusable)


@settings(deadline=None, max_examples=100)
@given(st.binary(max_size=300))
def test_any_bytes_give_text_or_a_reason(body: bytes) -> None:
    """The standard parser takes anything, and so does what comes after."""
    head = b"From: a@b.example\nSubject: x\nContent-Type: multipart/alternative; boundary=b\n\n--b\n"

    assert isinstance(read_mail(head + body), Parsed | Unusable)
