"""arXiv: the paper from its HTML, its PDF or its abstract, with what the interface says of it."""

from __future__ import annotations

from itertools import pairwise

import internet
import pytest
from arxiv_pages import ABSTRACT, API, BROKEN_OFF, HTML, ID, NO_ENTRY, NO_HTML, routes
from internet import Route, redirect
from visits import POLICY, document_at, failure_at, visited

from localdigest.net.policy import FetchPolicy
from localdigest.records import Document, DocumentKind, Reason, Role

PDF = f"https://arxiv.org/pdf/{ID}"


def texts(document: Document) -> list[str]:
    return document.text.split("\n\n")


@pytest.fixture(scope="module")
def paper() -> Document:
    with internet.internet(routes()) as web:
        return document_at(PDF, web)


def test_the_interface_says_what_it_is_and_the_html_what_it_says(paper: Document) -> None:
    assert paper.title == "Experts on Call: Sharing Work between Two Processors"
    assert paper.byline == "Ada Example, Bo Sample"
    assert paper.published == "2025-12-18T12:40:11+00:00"
    assert (paper.site, paper.kind, paper.url) == ("arXiv", DocumentKind.PAPER, f"https://arxiv.org/html/{ID}")


def test_abstract_contributions_results_and_conclusion_are_its_text(paper: Document) -> None:
    headings = [sentence.text for sentence in paper.sentences if sentence.role is Role.HEADING]

    assert headings == ["Abstract", "1 Introduction", "2 Results", "3 Conclusion"]
    assert "answer 2.4× as fast as a card" in paper.text
    assert "the last 1,000 tokens asked for them" in paper.text
    assert "of a layer [1]. The rest of them lie idle" in paper.text
    assert "12 GB | 19.5" in paper.text
    assert "Figure 1: Which expert waits for which token." in paper.text
    assert "•" not in paper.text


def test_what_stands_behind_is_left_out_and_told(paper: Document) -> None:
    unwanted = ("thank", "Cited", "borrowed", "one of attention", "License", "reporting errors", "ada@", "sum")

    assert [word for word in unwanted if word in paper.text] == []
    (warning,) = paper.warnings
    assert warning.startswith("left out of the paper: references (")
    for part in ("appendix (", "acknowledgements (", "footnotes (1)", "displayed formulas (1)"):
        assert part in warning


def test_the_pdf_stands_in_where_there_is_no_html() -> None:
    with internet.internet(routes(html=NO_HTML)) as web:
        document = document_at(f"https://arxiv.org/abs/{ID}", web)

    assert document.url == PDF
    assert "19.5 tokens a second" in document.text
    assert [word for word in ("thank", "Cited", "borrowed") if word in document.text] == []
    assert any("appendix" in warning for warning in document.warnings)
    assert f"ar5iv.labs.arxiv.org/html/{ID}" not in web.asked_addresses()


def test_the_abstract_stands_in_where_there_is_neither() -> None:
    with internet.internet({**routes(html=NO_HTML), f"arxiv.org/pdf/{ID}": Route("gone", status=404)}) as web:
        document = document_at(PDF, web)

    assert texts(document) == [
        "We share the work of experts between two processors. It answers 2.4 times as fast as a card that waits."
    ]
    assert any("only the abstract" in warning for warning in document.warnings)


def test_without_the_interface_the_paper_says_what_it_is() -> None:
    with internet.internet(routes(api=Route("Rate exceeded.", status=503))) as web:
        document = document_at(PDF, web)

    assert document.title == "Experts on Call: Sharing Work between 2 Processors"
    assert document.published == "2025-12-18"
    assert any("arXiv's interface" in warning for warning in document.warnings)


def test_without_the_interface_the_page_of_the_abstract_says_what_it_is() -> None:
    with internet.internet({f"arxiv.org/abs/{ID}": Route(ABSTRACT)}) as web:
        document = document_at(PDF, web)

    assert (document.title, document.byline) == ("Experts on Call", "Ada Example, Bo Sample")
    assert document.published == "2025-12-18"


def test_an_interface_that_knows_no_such_paper_is_told() -> None:
    with internet.internet(routes(api=NO_ENTRY)) as web:
        document = document_at(PDF, web)

    assert any("built otherwise than expected" in warning for warning in document.warnings)
    assert document.byline == ""


def test_a_paper_that_is_not_there() -> None:
    """The reason is that of the paper, not that of what is said of it."""
    with internet.internet({f"export.arxiv.org/api/query?id_list={ID}": internet.atom(NO_ENTRY)}) as web:
        failure = failure_at(PDF, web)

    assert (failure.reason, failure.status) == (Reason.NOT_FOUND, 404)
    assert "arxiv.org/html" in failure.detail


def test_who_asks_too_often_is_not_asked_for_the_pdf() -> None:
    limited = Route("Rate exceeded.", status=429, headers={"Retry-After": "600"})
    with internet.internet(routes(html=limited)) as web:
        failure = failure_at(PDF, web)

    assert failure.reason is Reason.RATE_LIMITED
    assert f"arxiv.org/pdf/{ID}" not in web.asked_addresses()


@pytest.mark.parametrize(
    "url",
    [
        "https://arxiv.org/abs/hep-th/9901001",
        "http://www.arxiv.org/pdf/hep-th/9901001.pdf",
        "https://export.arxiv.org/abs/hep-th/9901001",
        "https://ar5iv.org/abs/hep-th/9901001",
        "https://ar5iv.labs.arxiv.org/html/hep-th/9901001",
    ],
)
def test_ar5iv_has_the_old_ones(url: str) -> None:
    old = "hep-th/9901001"
    served = {
        f"export.arxiv.org/api/query?id_list={old}": internet.atom(API),
        f"arxiv.org/html/{old}": NO_HTML,
        f"ar5iv.labs.arxiv.org/html/{old}": Route(HTML),
    }
    with internet.internet(served) as web:
        document = document_at(url, web)

    assert document.url == f"https://ar5iv.labs.arxiv.org/html/{old}"
    assert "2 Results" in document.text


@pytest.mark.parametrize("answer", [redirect("https://arxiv.org/abs/1706.00001"), Route(BROKEN_OFF)])
def test_ar5iv_that_has_none_is_passed_over(answer: Route) -> None:
    """It leads to the abstract's page, or shows a conversion that broke off."""
    served = {
        "arxiv.org/html/1706.00001": NO_HTML,
        "ar5iv.labs.arxiv.org/html/1706.00001": answer,
        "arxiv.org/abs/1706.00001": Route(ABSTRACT),
        "arxiv.org/pdf/1706.00001": routes()[f"arxiv.org/pdf/{ID}"],
    }
    with internet.internet(served) as web:
        document = document_at("https://arxiv.org/abs/1706.00001", web)

    assert document.url == "https://arxiv.org/pdf/1706.00001"


def test_a_version_is_asked_for_everywhere() -> None:
    """ar5iv knows no versions."""
    with internet.internet({}) as web:
        failure_at("https://arxiv.org/abs/1706.00001v2", web)

    assert sorted(web.asked_addresses()) == [
        "arxiv.org/abs/1706.00001v2",
        "arxiv.org/html/1706.00001v2",
        "arxiv.org/pdf/1706.00001v2",
        "export.arxiv.org/api/query?id_list=1706.00001v2",
    ]


def test_all_its_hosts_are_asked_one_after_the_other_with_a_pause() -> None:
    """Three seconds in life; here as many as the policy lets any site ask for."""
    policy = FetchPolicy(per_host_interval_s=0.0, max_crawl_delay_s=0.3, retry_base_s=POLICY.retry_base_s)
    with internet.internet(routes()) as web:
        visited([PDF], web, policy=policy)

    times = [request.at for request in web.log]
    assert len(times) == 3, "robots.txt, the interface, the HTML"
    assert all(later - earlier >= 0.3 for earlier, later in pairwise(times))


@pytest.mark.parametrize(
    "url", ["https://arxiv.org/list/cs.CL/recent", "https://arxiv.org/", "https://arxiv.org/abs/x"]
)
def test_other_pages_of_arxiv_are_pages(url: str) -> None:
    with internet.internet({}) as web:
        failure_at(url, web)

    assert web.asked_addresses() == [url.removeprefix("https://")]
