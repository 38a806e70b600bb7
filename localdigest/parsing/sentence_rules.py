"""Words and marks that the sentence splitter knows: data only."""

from __future__ import annotations

__all__ = [
    "ATTRIBUTION",
    "BRACKETS",
    "BRANDS",
    "CLOSERS",
    "CONTINUATION",
    "ELLIPSIS_STARTERS",
    "ENDABLE",
    "HARD_STOPS",
    "MONTHS",
    "NEVER_END",
    "NO_NAME",
    "NO_SPEECH",
    "NO_SPEECH_AFTER",
    "NUMBERED",
    "QUOTES",
    "SOFT_STOPS",
    "SPEAKING",
    "STARTERS",
    "TITLE_MARKS",
]


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


#: End a sentence whatever follows them.
HARD_STOPS = "。！？｡।॥؟۔"
#: End a sentence only where the text around them agrees.
SOFT_STOPS = ".!?…‥．"
#: Belong to the sentence whose stop they follow.
CLOSERS = "\"'”’」』】）)］]｝}»›〕〗》〉＂＇"

QUOTES = {"“": "”", "「": "」", "『": "』", "«": "»", "„": "“", "〝": "〞"}
BRACKETS = {"(": ")", "（": "）", "[": "]", "［": "］", "【": "】", "《": "》", "〈": "〉", "〔": "〕"}
#: Closers of a work's title: its own stop ends nothing, `《誰是臥底？》很好看`.
TITLE_MARKS = "》〉】］〕"

#: Marks and particles that carry a sentence on after a quotation with its own stop: `「可以嗎？」的問題`.
CONTINUATION = "，、；：,;:的地得等之與与和及或—－"
#: What begins a new sentence after `……` that runs straight on.
ELLIPSIS_STARTERS = "他她它我你您這这那"

#: Verbs of speech that follow a quotation, after at most a short name: `「走吧！」王小明說。`
ATTRIBUTION = _words(
    "說 说 問 问 答 喊 叫道 道 寫 写 稱 称 表示 指出 強調 强调 坦言 認為 认为 回答 回應 回应 解釋 解释 補充 补充 透露"
    " 提到 直言 笑說 笑说"
)
#: Characters beside which such a verb is a part of another word: `知道`, `問題`, `小說`, `說完`.
NO_SPEECH_AFTER = "知報报街味難难頻频管渠軌轨小名人"
NO_SPEECH = "完了過过服明法題题號号"
#: Characters that a name before such a verb does not hold: `「好。」公司沒有回應。`
NO_NAME = "沒没也不未這这那但而就都還还很有的是說说什麼么，。；：、！？「」『』“”（）《》"

#: After `?”` or `!”`: `“Is it over?” Tom asked.`
SPEAKING = _words(
    "said says asked asks replied replies added adds wrote writes told tells shouted cried whispered answered"
    " explained explains continued noted insisted exclaimed wondered"
)

#: Names that end with a mark (lower case, without it).
BRANDS = _words("yahoo jeopardy joomla")

#: Abbreviations that stand before what they belong to, so never at an end (lower case, without the last stop).
NEVER_END = _words(
    "mr mrs ms mx messrs dr prof sen rep reps gov gen lt col sgt capt cmdr adm maj rev hon pres supt st mt ft"
    " e.g i.e cf viz v vs eg ie approx ca resp incl esp fig figs eq eqs eqn sec secs tab refs ref dept univ assn"
    " mme mlle hr fr bzw z.b d.h u.a sr.a sra dra"
)
#: Abbreviations only before a number; else the word may well end a sentence (`No.`).
NUMBERED = _words("no nos nr vol vols p pp art ch chap ed para pt sect fn p.m")
#: Abbreviations that can end a sentence: they do where a word follows that plainly begins one.
ENDABLE = _words(
    "inc ltd corp co cos llc bros plc jr sr etc al ave blvd rd est esq ph.d phd m.d d.c u.s u.k u.n e.u a.m p.m"
    " min max avg hrs"
)
MONTHS = _words(
    "jan feb mar apr jun jul aug sep sept oct nov dec mon tue tues wed thu thur thurs fri sat sun"
    " januar februar märz april mai juni juli august september oktober november dezember"
)

#: Words that begin an English sentence far oftener than they stand capitalised inside one.
STARTERS = _words(
    "The A An This That These Those There Here It Its He She They We You I His Her Their Our My Your Who What When"
    " Where Why How Which In On At By For From With Without After Before During Since Until Under Over Between Among As"
    " If Although Though Because While Whereas However Moreover Furthermore Meanwhile Nevertheless Still Yet But And Or"
    " So Then Thus Therefore Also Both Each Some Many Most Several One Two Three All Another Other Such No Not Now"
    " Today Yesterday Once Only Even Instead Later Last Next To Is Are Was Were Do Does Did Can Could Will Would Should"
    " Let"
    " According Despite Analysts Researchers Officials Shares Critics"
)
