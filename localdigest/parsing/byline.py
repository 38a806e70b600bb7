"""Names of authors without what pages put around them; a byline is a hint, never proof."""

from __future__ import annotations

import re

__all__ = ["clean_byline", "written_byline"]

_LIMIT = 120  #: characters; longer is a biography or a menu
_OPENING = 1_500  #: characters in which a byline stands on a page of plain words

_LEAD = re.compile(
    r"\A\W*(?:(?:written|posted|published|reported|reviewed|story|words|article|contributed)\s+)?"
    r"(?:by|par|von|por|di|door|author|authors|作者|記者|记者|撰文|編譯|编译|文)(?:\s*[:：／/|]\s*|\s+)",
    re.IGNORECASE,
)
_TAIL = re.compile(
    r"\s*(?:[|•·/,]|\s[-–—]\s|\bon\b|\bfor\b|\bupdated\b|\bpublished\b|\bposted\b|\blast\b)?\s*"
    r"(?:(?:(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*\.?\s+\d|\d{1,4}[\s/.-]"
    r"|\d+\s+(?:min|hour|day|week|month|year)s?\b|on (?:mon|tues|wednes|thurs|fri|satur|sun)day\b).*)\Z",
    re.IGNORECASE,
)
_NO_NAME = re.compile(
    r"https?://|@\S+\.\w|\A@|\A\W*\Z|discuz|wordpress|\.(?:com|net|org|cn)\b|出版社|编辑部|編輯部|[{}<>\[\]]"
    r"|\A(?:admin|administrator|editor|staff|unknown|anonymous|none|null|guest|author|authors|by|share|follow|post"
    r"|read more|view (?:all|profile).*|contributor|user|webmaster|system|root|匿名|佚名|小編|小编)\Z",
    re.IGNORECASE,
)
#: Words that follow a name on a line of facts about the article.
_FACTS = (
    "时间|時間|来源|來源|出自|分享|编辑|編輯|责编|責編|发表|發表|发布|發布|文章|更新|字号|阅读|閱讀|日期|我要"
    "|点击|點擊|上一|下一"
)
_HAN_NAME = rf"(?!{_FACTS})[\u4e00-\u9fff][\u4e00-\u9fff·．]{{1,7}}"
_WRITTEN = re.compile(
    rf"(?:作\s*者|記\s*者|记\s*者|撰文|撰稿|編譯|编译|主筆|文)\s*[：:／/]\s*({_HAN_NAME}(?:[、\s]\s?{_HAN_NAME})?)"
    r"(?![\u4e00-\u9fff])"
    rf"|(?:本報|本报)?(?:記者|记者)\s*({_HAN_NAME})\s*[／/]",
)
_SIGNED = re.compile(rf"作\s*者\s*[：:]\s*({_HAN_NAME}(?:[、\s]\s?{_HAN_NAME})?)(?![\u4e00-\u9fff])")


def clean_byline(text: str) -> str:
    """The names in a byline, without `By`, dates and duties; `""` when no name is left."""
    text = _LEAD.sub("", " ".join(text.split()))
    text = _TAIL.sub("", text).strip(" ,;|·•-–—:：、")
    if not text or len(text) > _LIMIT or _NO_NAME.search(text) or not re.search(r"[^\W\d_]", text):
        return ""
    return text


def written_byline(visible: str) -> str:
    """The author whom a Chinese page names in its opening words or its last: `作者：…`, `記者…／`."""
    match = _WRITTEN.search(visible[:_OPENING]) or _SIGNED.search(visible)
    return clean_byline(next(filter(None, match.groups()), "")) if match else ""
