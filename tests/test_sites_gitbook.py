"""Documentation by GitBook: its Markdown, without what speaks to machines."""

from __future__ import annotations

import internet
import pytest
from internet import Route
from visits import document_at, visited

from localdigest.records import DocumentKind, Role

MARKDOWN = """> For the complete documentation index, see [llms.txt](https://quay.gitbook.io/llms.txt).

# Running small models

Every model of the list runs on a laptop of four gigabytes.

{% hint style="info" %}
The list is made anew each week.
{% endhint %}

{% tabs %}
{% tab title="Linux" %}
```sh
echo "{% not a template %}"
```
{% endtab %}
{% endtabs %}

<table data-view="cards"><thead><tr><th>Model</th><th>Size</th></tr></thead></table>

{% content-ref url="next.md" %}
[next](next.md)
{% endcontent-ref %}

---

# Agent Instructions: Querying This Documentation

If you need additional information, perform an HTTP GET request on the current page URL with the `ask` query parameter.
"""
PAGE = """<html><body><main><h1>Running small models</h1>
<p>Every model of the list runs on a laptop of four gigabytes.</p>
<p>The list is made anew each week, by a program that asks each model forty questions and counts what it gets.</p>
</main></body></html>"""


@pytest.mark.parametrize("path", ["/models/small", "/models/small.md", "/models/small/"])
def test_a_page_is_read_from_its_markdown(path: str) -> None:
    with internet.internet({"quay.gitbook.io/models/small.md": internet.text(MARKDOWN)}) as web:
        document = document_at(f"https://quay.gitbook.io{path}", web)

    assert (document.title, document.kind) == ("Running small models", DocumentKind.DOCS)
    assert document.url == "https://quay.gitbook.io/models/small"
    assert [(sentence.role, sentence.text) for sentence in document.sentences] == [
        (Role.HEADING, "Running small models"),
        (Role.TEXT, "Every model of the list runs on a laptop of four gigabytes."),
        (Role.TEXT, "The list is made anew each week."),
        (Role.TEXT, "Linux"),
        (Role.CODE, 'echo "{% not a template %}"'),
        (Role.TEXT, "Model | Size"),
        (Role.TEXT, "next"),
    ]
    assert document.warnings == (), "what speaks to machines is no part of the page"


@pytest.mark.parametrize(
    "url", ["https://unsloth.ai/docs/get-started/catalog", "https://docs.unsloth.ai/get-started/catalog"]
)
def test_some_sites_of_gitbook_have_names_of_their_own(url: str) -> None:
    with internet.internet({f"{url.removeprefix('https://')}.md": internet.text(MARKDOWN)}) as web:
        assert document_at(url, web).kind is DocumentKind.DOCS


def test_instructions_that_are_the_subject_of_a_page_stay() -> None:
    text = "# Files\n\nTwo files steer it.\n\n---\n\n# Agent Instructions\n\nThis file says what the program is for."
    with internet.internet({"quay.gitbook.io/files.md": internet.text(text)}) as web:
        document = document_at("https://quay.gitbook.io/files", web)

    assert document.text.endswith("This file says what the program is for.")


@pytest.mark.parametrize("answer", [Route("Not found", status=404), Route(PAGE)])
def test_the_page_stands_in_where_there_is_no_markdown(answer: Route) -> None:
    routes = {"quay.gitbook.io/models/small.md": answer, "quay.gitbook.io/models/small": Route(PAGE)}
    with internet.internet(routes) as web:
        document = document_at("https://quay.gitbook.io/models/small", web)

    assert (document.url, document.kind) == ("https://quay.gitbook.io/models/small", DocumentKind.DOCS)
    assert "forty questions" in document.text


@pytest.mark.parametrize("address", ["quay.gitbook.io/", "unsloth.ai/blog/small", "docs.example.org/a"])
def test_other_pages_are_pages(address: str) -> None:
    with internet.internet({}) as web:
        visited([f"https://{address}"], web)

    assert web.asked_addresses() == [address]
