"""People and organisations named in Chinese, where the words around them give them away."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from localdigest.facts.patterns import either, word_set

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["find_chinese_names"]

_SURNAMES = (
    "王李張陳林黃吳劉蔡楊許鄭謝郭洪邱曾廖賴徐周葉蘇莊呂江何蕭羅高潘簡朱鍾游彭詹胡施沈余盧梁趙顏柯翁魏孫戴范方宋鄧杜傅侯曹"
    "薛丁卓阮馬董温溫唐藍石蔣田康鄒白涂尤巫韓龔嚴袁黎金阿陸汪倪童邵馮程姚于姜崔歐鍾錢秦"
    "张陈黄吴刘杨许郑谢赖叶苏庄吕萧罗简钟卢赵颜孙邓韩严陆冯欧钱"
)
_TITLES = word_set(
    "執行長 營運長 財務長 技術長 董事長 副總裁 總裁 總經理 副總經理 創辦人 共同創辦人 發言人 研究員 教授 副教授 院士"
    " 博士 部長 次長 署長 局長 處長 市長 縣長 校長 院長 所長 主任 主席 總統 總理 首相 議員 立委 分析師 工程師 經濟學家"
    " 學者 律師 法官 檢察官 醫師 主廚 導演 作家 記者 教練 球員 船長 隊長 會長 理事長 秘書長 館長 站長 負責人 執委 委員"
    " 负责人 执行长 董事长 首席执行官 研究员 创始人 分析师"
)
_SPEAKS = word_set("表示 指出 說 認為 认为 強調 坦言 透露 提到 補充 回應 解釋 直言 估計 預估 呼籲 批評 宣布 稱 称")
_GOES_ON = _SPEAKS | word_set("在受訪 受訪 接受 出席 於 則 也 今 昨 將 會 ， , 、 。")
_SPEAKS_FIRST = word_set("表示 指出 說 認為 強調 坦言 透露")
_ORGANISATIONS = word_set("半導體 電子 科技 集團 銀行 大學 港 機場 醫院 基金會 證券 航空 汽車 生技 製藥 法案 法")
_DESCRIBES = word_set(
    "法國 德國 英國 美國 中國 日本 韓國 荷蘭 歐洲 亞洲 國際 全球 本土 國內 海外 大型 小型 上市 外商 新創 知名 地方 公立"
    " 私立 中央 商業 投資 電動 人工 智慧 資訊 金融 生物 消費 半導 推論 晶片 深水 國家 無人"
)

#: A surname and two characters: after a title, or at the beginning of a clause before a verb of speech.
_PERSON = rf"(?P<name>[{_SURNAMES}][\u4e00-\u9fff]{{2}})"
_PATTERNS = (
    re.compile(rf"(?:{either(_TITLES)})\s?{_PERSON}(?=\s?(?:{either(_GOES_ON)}|\Z))"),
    re.compile(rf"(?:\A|(?<=[，,。；;：:「])){_PERSON}(?=(?:{either(_SPEAKS_FIRST)})[：:，,「 ])"),
)
_ORGANISATION = re.compile(
    rf"(?:\A|(?<=[，,。；;：:、「」（(的在於由與和及向]))"
    rf"(?P<name>(?P<head>[\u4e00-\u9fff]{{2,4}})(?:{either(_ORGANISATIONS)}))(?![\u4e00-\u9fff]?業者)"
)
#: What describes an organisation instead of naming it: 這家, 法國, 人工智慧.
_GENERIC = re.compile(
    "[這那該各某每其他一二三四五兩多數許全本新老大小母子分總主的了在和與及或是有將被為以於由向對從]"
    f"|[憲刑民勞稅違合非依立修執司做辦方無設想看作說用辯寫語算手療]|{either(_DESCRIBES)}"
)


def find_chinese_names(text: str) -> Iterator[tuple[int, int]]:
    """The spans of names of people and organisations that a Chinese text surely holds; few, but sure."""
    for pattern in _PATTERNS:
        for match in pattern.finditer(text):
            yield match.span("name")
    for match in _ORGANISATION.finditer(text):
        if not _GENERIC.search(match["head"]):
            yield match.span("name")
