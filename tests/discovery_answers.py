"""Answers of the services of discovery, in the form in which each gives them; every word in them is our own."""

from __future__ import annotations

import json
from html import escape
from typing import Any

from internet import Route, atom
from internet import json as json_route

__all__ = [
    "arxiv",
    "dev",
    "gdelt",
    "google_news",
    "hacker_news",
    "hugging_face",
    "reddit",
    "story",
]


def story(title: str, url: object, points: int = 50, at: str = "2025-12-28T08:15:00Z", **more: Any) -> dict[str, Any]:
    """One of Hacker News."""
    return {
        "_highlightResult": {"title": {"matchLevel": "full", "matchedWords": ["mistral"], "value": title}},
        "_tags": ["story", "author_ada", "story_46100001"],
        "author": "ada",
        "created_at": at,
        "created_at_i": 1_766_909_700,
        "num_comments": 12,
        "objectID": "46100001",
        "points": points,
        "story_id": 46100001,
        "title": title,
        "updated_at": at,
        **({} if url is None else {"url": url}),
        **more,
    }


def hacker_news(*stories: dict[str, Any]) -> Route:
    return json_route(
        json.dumps(
            {
                "exhaustive": {"nbHits": True, "typo": True},
                "hits": stories,
                "hitsPerPage": 100,
                "nbHits": len(stories),
                "nbPages": 1,
                "page": 0,
                "params": "query=mistral&tags=story",
                "query": "mistral",
            }
        )
    )


def arxiv(*papers: tuple[str, str, str], published: str = "2025-12-28T10:00:00Z") -> Route:
    """Number, title and abstract of each."""
    entries = "".join(
        f"""  <entry>
    <id>http://arxiv.org/abs/{number}v1</id>
    <title>{escape(title)}</title>
    <updated>{published}</updated>
    <link href="https://arxiv.org/abs/{number}v1" rel="alternate" type="text/html"/>
    <link href="https://arxiv.org/pdf/{number}v1" rel="related" type="application/pdf" title="pdf"/>
    <summary>{escape(abstract)}
</summary>
    <category term="cs.CL" scheme="http://arxiv.org/schemas/atom"/>
    <published>{published}</published>
    <arxiv:comment>9 pages</arxiv:comment>
    <arxiv:primary_category term="cs.CL"/>
    <author><name>Ada Example</name></author>
    <author><name>Bo Sample</name></author>
  </entry>
"""
        for number, title, abstract in papers
    )
    return atom(
        f"""<?xml version='1.0' encoding='UTF-8'?>
<feed xmlns:opensearch="http://a9.com/-/spec/opensearch/1.1/" xmlns:arxiv="http://arxiv.org/schemas/atom" xmlns="http://www.w3.org/2005/Atom">
  <id>https://arxiv.org/api/cHxbiOdZaP56ODnBPIenZhzg5f8</id>
  <title>arXiv Query: search_query=all:mistral&amp;id_list=&amp;start=0&amp;max_results=50</title>
  <updated>2025-12-29T00:00:00Z</updated>
  <link href="https://arxiv.org/api/query?search_query=all:mistral" type="application/atom+xml"/>
  <opensearch:itemsPerPage>50</opensearch:itemsPerPage>
  <opensearch:totalResults>{len(papers)}</opensearch:totalResults>
  <opensearch:startIndex>0</opensearch:startIndex>
{entries}</feed>
"""
    )


def hugging_face(
    *papers: tuple[str, str, str], upvotes: int = 31, published: str = "2025-12-27T18:59:58.000Z"
) -> Route:
    """Number, title and abstract of each."""
    return json_route(
        json.dumps(
            [
                {
                    "paper": {
                        "id": number,
                        "authors": [
                            {"_id": "6951a", "name": "Ada Example", "hidden": False},
                            {"_id": "6951b", "name": "Bo Sample", "hidden": False},
                        ],
                        "publishedAt": published,
                        "submittedOnDailyAt": "2025-12-29T00:30:00.000Z",
                        "title": title,
                        "summary": abstract,
                        "upvotes": upvotes,
                        "discussionId": "6951c",
                        "ai_keywords": ["small models"],
                    },
                    "publishedAt": published,
                    "title": title,
                    "summary": abstract,
                    "thumbnail": "https://cdn-thumbnails.huggingface.co/social-thumbnails/papers/x.png",
                    "numComments": 2,
                    "submittedBy": {"_id": "6951d", "fullname": "Cy Person", "name": "cy", "type": "user"},
                    "isAuthorParticipating": False,
                }
                for number, title, abstract in papers
            ]
        )
    )


def dev(*articles: tuple[str, str], reactions: int = 14, published: str = "2025-12-27T09:00:00Z") -> Route:
    """Slug and title of each."""
    return json_route(
        json.dumps(
            [
                {
                    "type_of": "article",
                    "id": 3_100_001,
                    "title": title,
                    "description": "What it took to run one at home.",
                    "readable_publish_date": "Dec 27",
                    "slug": slug,
                    "path": f"/ada/{slug}",
                    "url": f"https://dev.to/ada/{slug}",
                    "comments_count": 3,
                    "public_reactions_count": reactions,
                    "positive_reactions_count": reactions,
                    "published_timestamp": published,
                    "published_at": published,
                    "canonical_url": f"https://dev.to/ada/{slug}",
                    "reading_time_minutes": 4,
                    "tag_list": ["mistral", "ai"],
                    "tags": "mistral, ai",
                    "user": {"name": "Ada Example", "username": "ada", "user_id": 1},
                }
                for slug, title in articles
            ]
        )
    )


def reddit(*posts: tuple[str, str, str], published: str = "2025-12-28T12:30:00+00:00") -> Route:
    """Id, title and text of each; a community of that name comes first, as in its own answers."""
    entries = "".join(
        """<entry><author><name>/u/ada</name><uri>https://www.reddit.com/user/ada</uri></author>"""
        """<category term="LocalModels" label="r/LocalModels"/><content type="html">"""
        + escape(
            f'<!-- SC_OFF --><div class="md"><p>{text}</p></div><!-- SC_ON --> &#32; submitted by &#32; '
            f'<a href="https://www.reddit.com/user/ada"> /u/ada </a> <br/> <span><a href="https://www.reddit.com/'
            f'r/LocalModels/comments/{id_}/x/">[link]</a></span> &#32; <span><a href="https://www.reddit.com/'
            f'r/LocalModels/comments/{id_}/x/">[comments]</a></span>'
        )
        + f"""</content><id>t3_{id_}</id><link href="https://www.reddit.com/r/LocalModels/comments/{id_}/x/"/>"""
        f"""<updated>{published}</updated><published>{published}</published><title>{escape(title)}</title></entry>"""
        for id_, title, text in posts
    )
    return atom(
        """<?xml version="1.0" encoding="UTF-8"?><feed xmlns="http://www.w3.org/2005/Atom" """
        """xmlns:media="http://search.yahoo.com/mrss/"><icon>https://www.redditstatic.com/icon.png/</icon>"""
        """<id>/search.rss?q=mistral</id><link rel="self" href="https://www.reddit.com/search.rss?q=mistral" """
        """type="application/atom+xml" /><link rel="alternate" href="https://www.reddit.com/search?q=mistral" """
        """type="text/html" /><title>reddit.com: search results - mistral</title>"""
        """<entry><content type="html">A place to talk.</content><id>t5_2abcd</id>"""
        """<link href="https://www.reddit.com/r/Mistral/"/><updated>2021-01-01T00:00:00+00:00</updated>"""
        f"""<title>Mistral</title></entry>{entries}</feed>"""
    )


def gdelt(*articles: tuple[str, str], seen: str = "20251228T081500Z") -> Route:
    """Address and title of each; without any it answers an empty object."""
    if not articles:
        return json_route("{}")
    return json_route(
        json.dumps(
            {
                "articles": [
                    {
                        "url": url,
                        "url_mobile": "",
                        "title": title,
                        "seendate": seen,
                        "socialimage": "https://img.example/1.jpg",
                        "domain": url.split("/")[2],
                        "language": "English",
                        "sourcecountry": "Sweden",
                    }
                    for url, title in articles
                ]
            }
        )
    )


def google_news(*headlines: tuple[str, str, str], published: str = "Sun, 28 Dec 2025 08:00:00 GMT") -> Route:
    """Headline, site and the site's address of each."""
    items = "".join(
        f"<item><title>{escape(title)} - {escape(site)}</title>"
        f"<link>https://news.google.com/rss/articles/CBMi{number:04}?oc=5</link>"
        f'<guid isPermaLink="false">CBMi{number:04}</guid><pubDate>{published}</pubDate>'
        f"<description>{escape(f'<a href=x target=_blank>{title}</a>&nbsp;&nbsp;<font>{site}</font>')}</description>"
        f'<source url="{address}">{escape(site)}</source></item>'
        for number, (title, site, address) in enumerate(headlines)
    )
    return Route(
        '<?xml version="1.0" encoding="UTF-8" standalone="yes"?><rss version="2.0" '
        'xmlns:media="http://search.yahoo.com/mrss/"><channel><generator>NFE/5.0</generator>'
        '<title>"mistral when:7d" - Google News</title><link>https://news.google.com/search?q=mistral</link>'
        "<language>en-US</language><webMaster>news-webmaster@google.com</webMaster>"
        f"<copyright>(terms of use)</copyright><description>Google News</description>{items}</channel></rss>",
        content_type="application/xml; charset=utf-8",
    )
