"""Which way a sentence points: what it denies, and whether something goes up or down."""

from __future__ import annotations

import re
from functools import lru_cache
from itertools import islice
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["Denials", "Sides", "affirms", "denials", "opposed", "sides", "stem", "trend_near"]

# ── negation ─────────────────────────────────────────────────────────────────────────────────────────────────────────

_ENGLISH_NOT = re.compile(
    r"\b(?:not(?! only| just| least| to mention)|never|no longer|neither|nor|without|cannot|[a-z]+n't|fail(?:s|ed)? to|refus(?:e|es|ed) to|declin(?:e|es|ed) to|den(?:y|ies|ied)|no)\b",
    re.IGNORECASE,
)
_ENGLISH_WORD = re.compile(r"[A-Za-z][A-Za-z'-]*")
_NOT_REACH = 4  #: words after a negation that it can deny
_WEAK = frozenset(
    [
        "a",
        "an",
        "the",
        "to",
        "be",
        "been",
        "being",
        "have",
        "has",
        "had",
        "do",
        "does",
        "did",
        "will",
        "would",
        "can",
        "could",
        "should",
        "may",
        "might",
        "must",
        "yet",
        "ever",
        "any",
        "so",
        "as",
        "of",
        "in",
        "on",
        "at",
        "by",
        "for",
        "from",
        "with",
        "it",
        "its",
        "that",
        "this",
        "is",
        "are",
        "was",
        "were",
        "also",
        "all",
        "always",
        "even",
        "immediately",
        "currently",
        "plan",
        "plans",
        "planned",
        "intend",
        "want",
        "expect",
        "expected",
        "going",
        "make",
        "made",
        "take",
        "give",
        "say",
        "said",
    ]
)
_HAN_NOT = re.compile(
    r"(?:並未|并未|從未|从未|尚未|未曾|未能|未再|未(?!來|来|必|婚|知|滿|達|免|雨)|沒有|没有|沒(?!收|落|入)|没(?!收|落|入)|不再|不會|不会|不能|不得|不予|不是|並非|并非|無法|无法|無需|毋須|無須|拒絕|拒绝|否認|否认|並不|并不|絕不"
    r"|不(?!過|过|僅|仅|只|但|斷|断|同|少|論|论|管|久|等|到|如|足|及|便|料|錯|错|滿|满|安|幸|僅|單|独|獨|符|可思議|動產|动产|銹|鏽|景氣|約|外|一樣|一定|已|免|得不|明))"
)
_HAN_SKIP = re.compile(
    r"^(?:再|有|會|会|能|將|将|被|要|想|打算|計畫|计划|必|需要|需|可以|可|得|願意|願|愿意|准|因此|因為|立即|直接|繼續|继续|完全|對|对|把|在|為|任何|正式|就)+"
)
_HAN_RUN = re.compile(r"[\u3400-\u9fff]{1,12}")


class Denials(NamedTuple):
    """What is denied (stems of words, or pairs of characters), and whether anything is."""

    terms: frozenset[str]
    any: bool


_ENDINGS = (
    "ations",
    "ation",
    "ingly",
    "ments",
    "ment",
    "ings",
    "ing",
    "edly",
    "ies",
    "ied",
    "ers",
    "er",
    "ors",
    "or",
    "es",
    "ed",
    "ly",
    "s",
    "e",
)


def stem(word: str) -> str:
    """A word without its ending, roughly: `acquire`, `acquired` and `acquires` are one."""
    word = word.lower()
    for ending in _ENDINGS:
        if word.endswith(ending) and len(word) - len(ending) >= 3:  # noqa: PLR2004 - what is left must tell something
            word = word[: -len(ending)]
            break
    return word[:-1] if len(word) > 3 and word[-1] == word[-2] else word.removesuffix("y") if len(word) > 4 else word  # noqa: PLR2004


@lru_cache(maxsize=4096)
def denials(text: str) -> Denials:
    """What a folded sentence denies."""
    terms: set[str] = set()
    found = False
    for match in _ENGLISH_NOT.finditer(text):
        found = True
        words = _ENGLISH_WORD.findall(text, match.end(), match.end() + 60)[:_NOT_REACH]
        meant = [word for word in words if word.lower() not in _WEAK]
        terms.update(stem(word) for word in meant[:1])
    if not text.isascii():
        for match in _HAN_NOT.finditer(text):
            found = True
            run = _HAN_RUN.match(text, match.end())
            if run:
                after = _HAN_SKIP.sub("", run[0])
                terms.add(after[:2])
    return Denials(frozenset(term for term in terms if len(term) > 1), found)


def affirms(text: str, term: str) -> bool:
    """Whether a clause of a folded text says a term without denying anything."""
    pattern = rf"(?<![A-Za-z]){re.escape(term)}" if term.isascii() else re.escape(term)
    return any(
        not _denies(text, *_clause(text, match.start(), match.end()))
        for match in islice(re.finditer(pattern, text, re.IGNORECASE), _OCCURRENCES)
    )


_OCCURRENCES = 20


# ── directions ───────────────────────────────────────────────────────────────────────────────────────────────────────

#: Pairs of opposites, English and Chinese together; each side is a pattern of whole words.
_PAIRS: tuple[tuple[str, str, str], ...] = (
    (
        "trend",
        (r"\b(?:ris(?:e|es|en|ing)|rose|increas\w+|gr(?:ow|ows|ew|own|owing|owth)|gain(?:s|ed|ing)?|climb\w*|jump\w*|surg(?:e|es|ed|ing)|soar\w*|up|higher|expand\w*|widen\w*|accelerat\w+|rais(?:e|es|ed|ing)|boost\w*|improv\w+|rebound\w*|recover(?:ed|s|ing)|rall(?:y|ied)|doubl\w+|tripl\w+|quicker|faster|hik(?:e|ed|es|ing)|strengthen\w*|advanc(?:e|ed|es)|added|adds)\b"
        r"|[年季月]增|增[加長长幅至進进派建產产購]|成長|成长|上[升漲涨揚扬調调修]|攀升|提[高升]|擴[大增張编編]|扩大|[飆狂大暴急上微]漲|漲[幅了至價]|走[高揚強]|[激劇倍]增|增[逾近約超]|升[至到高值息]|加[快速]|回升|反彈|翻倍|改善|創新高|調[高升漲]|走升|加碼|新增"),
        (r"\b(?:fall(?:s|en|ing)?|fell|decreas\w+|drop(?:s|ped|ping)?|declin\w+|shr(?:ink|inks|ank|unk|inking)|plung\w+|plummet\w*|down|lower(?:ed|s|ing)?|slid(?:e|es|ing)?|slump\w*|shed|cut(?:s|ting)?|reduc\w+|slow(?:s|ed|ing|er)?|narrow\w*|contract(?:ed|s|ing)|trim(?:s|med|ming)?|weaken\w*|tumbl\w+|sank|sink\w*|lost|loses|dip(?:s|ped)?|halv\w+|eas(?:ed|es|ing)|retreat\w*)\b"
        r"|減[少幅緩產半碼至慢薪]|减少|下[降跌滑修調调探]|降[低至幅溫息價价到]|衰退|萎縮|萎缩|縮[減小水編短]|缩减|[暴重大急微下狂]跌|跌[幅至破了]|走[低跌弱]|滑落|[劇銳遞]減|放[緩慢]|趨緩|調[降低]|裁[員減撤]|降|惡化|創新低|腰斬|砍|年減|季減|月減|減了|減逾|減近|減約"),
    ),
    (
        "amount",
        r"\b(?:more|greater|larger|bigger|most|over|above|exceed\w*|at least)\b|更[多高大]|最[多高大]|較[多高大]|逾|超過|超过|高於|多於|大於|以上|突破",
        r"\b(?:less|fewer|smaller|least(?<!at least)|under|below|at most)\b|更[少低小]|最[少低小]|較[少低小]|不到|未達|低於|少於|小於|以下|不足",
    ),
    ("speed", r"\b(?:faster|quicker|fastest|as fast|as quick|earlier|sooner|ahead)\b|更快|最快|較快|提前|提早|超前", r"\b(?:slower|slowest|later|delay\w*|postpon\w+|behind)\b|更慢|最慢|較慢|延後|延遲|延期|推遲|落後"),
    ("price", r"\b(?:cheap(?:er|est)?|inexpensive)\b|便宜|更低價|降價", r"\b(?:expensive|pricier|dearer|costlier|costl(?:y|iest))\b|昂貴|貴(?![公賓族重州陽金])|漲價"),
    ("trade", r"\b(?:buy(?:s|ing)?|bought|acquir\w+|purchas\w+)\b|收購|買[下入進]|併購|採購", r"\b(?:sell(?:s|ing)?|sold|divest\w*|offload\w*|dispos\w+)\b|出售|賣[出給掉]|售出|脫手"),
    ("consent", r"\b(?:approv\w+|accept\w*|adopt(?:s|ed|ing)?|endors\w+|back(?:s|ed|ing)|support(?:s|ed|ing)?|favou?r\w*)\b|批准|核准|同意|通過|支持|贊成|接受|採納", r"\b(?:reject\w*|refus\w+|block(?:s|ed|ing)?|veto\w*|oppos\w+|declin\w+ to|object\w*|against|overturn\w*)\b|否決|駁回|拒絕|反對|退回|封殺"),
    ("law", r"\b(?:allow\w*|permit(?:s|ted|ting)?|legali[sz]\w+|lift(?:s|ed|ing)?|eas(?:e|es|ed|ing)|unban\w*)\b|允許|准許|開放|解除|放寬", r"\b(?:ban(?:s|ned|ning)?|prohibit\w*|forbid\w*|forbade|outlaw\w*|restrict\w*|tighten\w*|impos\w+)\b|禁止|禁用|管制|限制|收緊|封鎖"),
    ("state", r"\b(?:open(?:s|ed|ing)|reopen\w*|start(?:s|ed|ing)?|beg(?:in|ins|an|un)|launch\w*|resum\w+|restart\w*)\b|開始|啟[用動]|開[幕放張通工業]|恢復|重啟|上路", r"\b(?:clos(?:e|es|ed|ing|ure)|shut(?:s|ting|down)?|end(?:s|ed|ing)?|stop(?:s|ped|ping)?|halt\w*|suspend\w*|cancel\w*|scrap(?:s|ped)?|abandon\w*|discontinu\w+|ceas\w+)\b|停[止用業工產駛擺]|關[閉廠]|結束|終止|取消|中止|暫停|下架|叫停"),
    ("result", r"\b(?:profit(?:s|able)?|earn(?:s|ed|ings)?|win(?:s|ning)?|won|victor\w+|beat(?:s|en)?|outperform\w*|succeed\w*|success\w*|pass(?:es|ed)?)\b|獲利|盈餘|盈利|勝[出訴選]|贏|擊敗|成功|優於|領先", r"\b(?:loss(?:es)?|los(?:e|es|ing)|lost|defeat\w*|underperform\w*|fail(?:s|ed|ure|ing)?|miss(?:es|ed)?|trail(?:s|ed|ing)?|worse)\b|虧損|敗[訴選給]|輸|失敗|落後|不如|遜於"),
    ("staff", r"\b(?:hir(?:e|es|ed|ing)|recruit\w*|employ(?:s|ed)?|appoint\w*)\b|招募|雇用|僱用|聘[用請]|徵才|增聘|擴編", r"\b(?:lay(?:s|ing)? off|laid off|layoffs?|fir(?:e|es|ed|ing)|dismiss\w*|sack(?:s|ed|ing)?|axe[sd]?|job cuts)\b|裁員|裁[撤減]|解雇|解僱|開除|資遣|裁掉"),
    ("extreme", r"\b(?:highest|largest|biggest|strongest|best|maximum|longest|record high)\b|最[高大強佳長多好]|新高", r"\b(?:lowest|smallest|weakest|worst|minimum|shortest|record low)\b|最[低小弱差短少壞]|新低"),
    ("order", r"\b(?:before|prior to|ahead of)\b|之前|以前|前夕", r"\b(?:after|following|in the wake of)\b|之後|以後|隨後"),
    ("trade flow", r"\b(?:export\w*)\b|出口|外銷", r"\b(?:import(?:s|ed|ing)?)\b|進口"),
    ("access", r"\b(?:open[- ]source\w*|open[- ]weights?|publicly|public)\b|開源|開放原始碼|公開", r"\b(?:closed[- ]source|proprietary|privately|private|secret\w*)\b|閉源|封閉|專有|不公開|私下"),
    ("verdict", r"\b(?:guilty|convict\w+|liable)\b|有罪|定罪", r"\b(?:acquit\w+|innocent|cleared)\b|無罪|清白"),
    ("join", r"\b(?:join(?:s|ed|ing)?|enter(?:s|ed|ing)?|arriv\w+)\b|加入|進入|抵達", r"\b(?:leav(?:e|es|ing)|left|quit(?:s|ting)?|exit\w*|withdr\w+|depart\w*)\b|離開|退出|離職|撤出|撤離"),
    ("width", r"\b(?:include[sd]?|including|with)\b|包括|包含|納入", r"\b(?:exclud\w+|omit\w*)\b|不含|排除|剔除"),
)  # fmt: skip
_COMPILED = tuple((name, re.compile(up, re.IGNORECASE), re.compile(down, re.IGNORECASE)) for name, up, down in _PAIRS)
#: Two ways to tell one thing from either end: who sells and who buys, who wins and who loses.
_OF_SUBJECT = frozenset({"trade", "result"})
_NO_CONFLICT = frozenset({"order", "width"})  #: too common as mere connectives

#: name → the first match on either side
Sides = dict[str, tuple[re.Match[str] | None, re.Match[str] | None]]


@lru_cache(maxsize=4096)
def sides(text: str) -> Sides:
    """For each pair of opposites the words of either side that a folded text affirms; only pairs with any."""
    found: Sides = {}
    for name, first, second in _COMPILED:
        one, other = _affirmed(first, text), _affirmed(second, text)
        if one or other:
            found[name] = (one, other)
    return found


def _affirmed(pattern: re.Pattern[str], text: str) -> re.Match[str] | None:
    """The first match in a clause that denies nothing."""
    for match in pattern.finditer(text):
        if not _denies(text, *_clause(text, match.start(), match.end())):
            return match
    return None


def _denies(text: str, start: int, end: int) -> bool:
    return (_HAN_NOT.search(text, start, end) or _ENGLISH_NOT.search(text, start, end)) is not None


def opposed(claim: Sides, evidence: Sides) -> Iterator[re.Match[str]]:
    """The claim's words that the evidence has the opposites of, where neither says both."""
    for name, (one, other) in claim.items():
        if name in _NO_CONFLICT or (one and other) or name not in evidence:
            continue
        first, second = evidence[name]
        word, their = one or other, first or second
        if word and their and not (first and second) and (one is None) is not (first is None):
            if name not in _OF_SUBJECT or _same_subject(word, their):
                yield word


_SUBJECT = re.compile(r"[A-ZÀ-Þ][A-Za-zÀ-ÿ0-9]{2,}|[\u3400-\u9fff]{2}")


def _same_subject(one: re.Match[str], other: re.Match[str]) -> bool:
    """Whether the sentences name the same before their verbs."""
    names = set(_SUBJECT.findall(one.string, 0, one.start()))
    return bool(names & set(_SUBJECT.findall(other.string, 0, other.start())))


def trend_near(text: str, start: int, end: int) -> int:
    """1 when the clause around a figure says up, -1 for down, 0 when it says neither or both."""
    clause_start, clause_end = _clause(text, start, end)
    if _denies(text, clause_start, clause_end):
        return 0
    _, first, second = _COMPILED[0]
    up = first.search(text, clause_start, clause_end) is not None
    down = second.search(text, clause_start, clause_end) is not None
    return int(up) - int(down)


_CLAUSE_END = re.compile(r"[,;。；，！？!?]|\. |\b(?:while|whereas|but|although|and)\b|而|但|同時|並")
_CLAUSE_REACH = 60


def _clause(text: str, start: int, end: int) -> tuple[int, int]:
    low = max(0, start - _CLAUSE_REACH)
    first = low
    for match in _CLAUSE_END.finditer(text, low, start):
        first = match.end()
    match = _CLAUSE_END.search(text, end, end + _CLAUSE_REACH)
    return first, match.start() if match else min(len(text), end + _CLAUSE_REACH)
