"""What a figure can be a figure of: currencies, and measures with their factors. Data only."""

from __future__ import annotations

from fractions import Fraction

__all__ = [
    "CURRENCIES",
    "CURRENCY_FAMILIES",
    "ENGLISH_UNITS",
    "HAN_UNITS",
    "MEASURE_WORDS",
    "PERCENT",
    "POINTS",
    "PREFIXED_CURRENCIES",
    "SUFFIX_SCALES",
    "TIMES",
]

PERCENT, POINTS, TIMES = "%", "pp", "x"

#: What an abbreviation behind a figure multiplies it by.
SUFFIX_SCALES = {
    "k": 10**3, "thousand": 10**3,
    "m": 10**6, "mn": 10**6, "mln": 10**6, "million": 10**6, "millions": 10**6,
    "b": 10**9, "bn": 10**9, "bln": 10**9, "billion": 10**9, "billions": 10**9,
    "t": 10**12, "tn": 10**12, "trn": 10**12, "trillion": 10**12, "trillions": 10**12,
}  # fmt: skip

#: Symbols and codes before a figure.
PREFIXED_CURRENCIES = {
    "us$": "USD", "usd": "USD", "$": "$", "nt$": "TWD", "ntd": "TWD", "twd": "TWD", "hk$": "HKD", "hkd": "HKD",
    "a$": "AUD", "au$": "AUD", "aud": "AUD", "c$": "CAD", "ca$": "CAD", "cad": "CAD", "s$": "SGD", "sgd": "SGD",
    "r$": "BRL", "€": "EUR", "eur": "EUR", "£": "GBP", "gbp": "GBP", "¥": "¥", "jpy": "JPY", "cny": "CNY",
    "rmb": "CNY", "₩": "KRW", "krw": "KRW", "₹": "INR", "inr": "INR", "chf": "CHF", "₺": "TRY", "₽": "RUB",
    "新台幣": "TWD", "台幣": "TWD", "人民幣": "CNY", "美金": "USD", "港幣": "HKD",
}  # fmt: skip

#: Words behind a figure.
CURRENCIES = {
    "us dollars": "USD", "us dollar": "USD", "u.s. dollars": "USD", "dollars": "$", "dollar": "$", "bucks": "$",
    "euros": "EUR", "euro": "EUR", "pounds sterling": "GBP", "pounds": "GBP", "pound": "GBP", "yen": "JPY",
    "yuan": "CNY", "renminbi": "CNY", "won": "KRW", "rupees": "INR", "rupee": "INR", "swiss francs": "CHF",
    "francs": "CHF", "kronor": "SEK", "kroner": "NOK", "usd": "USD", "eur": "EUR", "gbp": "GBP", "jpy": "JPY",
    "twd": "TWD", "ntd": "TWD", "cny": "CNY", "rmb": "CNY", "€": "EUR", "£": "GBP", "$": "$",
    "美元": "USD", "美金": "USD", "歐元": "EUR", "欧元": "EUR", "英鎊": "GBP", "英镑": "GBP",
    "日圓": "JPY", "日元": "JPY", "日幣": "JPY", "人民幣": "CNY", "人民币": "CNY",
    "新台幣": "TWD", "新台币": "TWD", "台幣": "TWD", "台币": "TWD",
    "港元": "HKD", "港幣": "HKD", "韓元": "KRW", "韓圜": "KRW", "韩元": "KRW", "盧比": "INR", "卢比": "INR",
    "瑞士法郎": "CHF", "瑞郎": "CHF", "加元": "CAD", "澳元": "AUD", "新加坡元": "SGD", "星元": "SGD",
    "元": "元", "塊錢": "元", "塊": "元", "圓": "元",
}  # fmt: skip

#: A sign that several currencies share agrees with each of them.
CURRENCY_FAMILIES = {
    "$": frozenset({"$", "USD", "TWD", "HKD", "AUD", "CAD", "SGD"}),
    "元": frozenset({"元", "TWD", "CNY", "HKD"}),
    "¥": frozenset({"¥", "JPY", "CNY"}),
}

_F = Fraction
_MINUTE, _HOUR, _DAY, _WEEK = 60, 3600, 86_400, 604_800

#: Word → (dimension, how many of its base unit). Seconds and months do not convert into each other.
ENGLISH_UNITS: dict[str, tuple[str, Fraction]] = {
    **dict.fromkeys(("%", "percent", "per cent", "pct"), (PERCENT, _F(1))),
    **dict.fromkeys(("percentage points", "percentage point", "points of percentage", "pp", "ppt"), (POINTS, _F(1))),
    **dict.fromkeys(("basis points", "basis point", "bps", "bp"), (POINTS, _F(1, 100))),
    **dict.fromkeys(("x", "times", "fold", "-fold"), (TIMES, _F(1))),
    **dict.fromkeys(("milliseconds", "millisecond", "ms"), ("s", _F(1, 1000))),
    **dict.fromkeys(("seconds", "second", "secs", "sec"), ("s", _F(1))),
    **dict.fromkeys(("minutes", "minute", "mins", "min"), ("s", _F(_MINUTE))),
    **dict.fromkeys(("hours", "hour", "hrs", "hr"), ("s", _F(_HOUR))),
    **dict.fromkeys(("days", "day"), ("s", _F(_DAY))),
    **dict.fromkeys(("weeks", "week"), ("s", _F(_WEEK))),
    **dict.fromkeys(("months", "month"), ("mo", _F(1))),
    **dict.fromkeys(("quarters",), ("mo", _F(3))),
    **dict.fromkeys(("years", "year", "yrs"), ("mo", _F(12))),
    **dict.fromkeys(("decades", "decade"), ("mo", _F(120))),
    **dict.fromkeys(("nanometers", "nanometres", "nanometer", "nanometre", "nm"), ("m", _F(1, 10**9))),
    **dict.fromkeys(("millimeters", "millimetres", "mm"), ("m", _F(1, 1000))),
    **dict.fromkeys(("centimeters", "centimetres", "cm"), ("m", _F(1, 100))),
    **dict.fromkeys(("meters", "metres", "meter", "metre"), ("m", _F(1))),
    **dict.fromkeys(("kilometers", "kilometres", "kilometer", "kilometre", "km"), ("m", _F(1000))),
    **dict.fromkeys(("miles", "mile"), ("m", _F("1609.344"))),
    **dict.fromkeys(("feet", "foot", "ft"), ("m", _F("0.3048"))),
    **dict.fromkeys(("inches", "inch"), ("m", _F("0.0254"))),
    **dict.fromkeys(("square meters", "square metres", "sq m", "m2", "sqm"), ("m2", _F(1))),
    **dict.fromkeys(("square kilometers", "square kilometres", "sq km", "km2"), ("m2", _F(10**6))),
    **dict.fromkeys(("hectares", "hectare", "ha"), ("m2", _F(10**4))),
    **dict.fromkeys(("grams", "gram", "g"), ("g", _F(1))),
    **dict.fromkeys(("kilograms", "kilogram", "kilos", "kilo", "kg"), ("g", _F(1000))),
    **dict.fromkeys(("tonnes", "tonne", "tons", "ton", "metric tons"), ("g", _F(10**6))),
    **dict.fromkeys(("liters", "litres", "liter", "litre"), ("l", _F(1))),
    **dict.fromkeys(("barrels", "barrel"), ("bbl", _F(1))),
    **dict.fromkeys(("watts", "watt", "w"), ("W", _F(1))),
    **dict.fromkeys(("kilowatts", "kilowatt", "kw"), ("W", _F(10**3))),
    **dict.fromkeys(("megawatts", "megawatt", "mw"), ("W", _F(10**6))),
    **dict.fromkeys(("gigawatts", "gigawatt", "gw"), ("W", _F(10**9))),
    **dict.fromkeys(("kilowatt-hours", "kilowatt hours", "kwh"), ("Wh", _F(10**3))),
    **dict.fromkeys(("megawatt-hours", "megawatt hours", "mwh"), ("Wh", _F(10**6))),
    **dict.fromkeys(("gigawatt-hours", "gigawatt hours", "gwh"), ("Wh", _F(10**9))),
    **dict.fromkeys(("kilobytes", "kb", "kib"), ("B", _F(10**3))),
    **dict.fromkeys(("megabytes", "megabyte", "mb", "mib"), ("B", _F(10**6))),
    **dict.fromkeys(("gigabytes", "gigabyte", "gb", "gib"), ("B", _F(10**9))),
    **dict.fromkeys(("terabytes", "terabyte", "tb", "tib"), ("B", _F(10**12))),
    **dict.fromkeys(("petabytes", "petabyte", "pb", "pib"), ("B", _F(10**15))),
    **dict.fromkeys(("megahertz", "mhz"), ("Hz", _F(10**6))),
    **dict.fromkeys(("gigahertz", "ghz"), ("Hz", _F(10**9))),
    **dict.fromkeys(("degrees celsius", "degrees", "degree", "°c", "°"), ("deg", _F(1))),
    **dict.fromkeys(("°f", "degrees fahrenheit"), ("degF", _F(1))),
}

HAN_UNITS: dict[str, tuple[str, Fraction]] = {
    **dict.fromkeys(("%", "％", "趴", "巴仙"), (PERCENT, _F(1))),
    **dict.fromkeys(("個百分點", "个百分点", "百分點", "百分点"), (POINTS, _F(1))),
    **dict.fromkeys(("個基點", "个基点", "基點", "基点"), (POINTS, _F(1, 100))),
    **dict.fromkeys(("倍",), (TIMES, _F(1))),
    **dict.fromkeys(("毫秒",), ("s", _F(1, 1000))),
    **dict.fromkeys(("秒鐘", "秒"), ("s", _F(1))),
    **dict.fromkeys(("分鐘", "分钟"), ("s", _F(_MINUTE))),
    **dict.fromkeys(("個小時", "个小时", "小時", "小时", "個鐘頭"), ("s", _F(_HOUR))),
    **dict.fromkeys(("天", "日", "個工作天", "個交易日"), ("s", _F(_DAY))),
    **dict.fromkeys(("個星期", "个星期", "星期", "週", "周", "個禮拜"), ("s", _F(_WEEK))),
    **dict.fromkeys(("個月", "个月"), ("mo", _F(1))),
    **dict.fromkeys(("季", "個季度", "个季度"), ("mo", _F(3))),
    **dict.fromkeys(("年", "歲", "岁", "週年", "周年"), ("mo", _F(12))),
    **dict.fromkeys(("奈米", "納米", "纳米"), ("m", _F(1, 10**9))),
    **dict.fromkeys(("毫米", "公釐"), ("m", _F(1, 1000))),
    **dict.fromkeys(("公分", "厘米"), ("m", _F(1, 100))),
    **dict.fromkeys(("公尺", "米"), ("m", _F(1))),
    **dict.fromkeys(("公里", "千米"), ("m", _F(1000))),
    **dict.fromkeys(("英里", "英哩"), ("m", _F("1609.344"))),
    **dict.fromkeys(("英尺", "呎"), ("m", _F("0.3048"))),
    **dict.fromkeys(("英寸", "英吋", "吋"), ("m", _F("0.0254"))),
    **dict.fromkeys(("平方公尺", "平方米"), ("m2", _F(1))),
    **dict.fromkeys(("平方公里",), ("m2", _F(10**6))),
    **dict.fromkeys(("公頃", "公顷"), ("m2", _F(10**4))),
    **dict.fromkeys(("坪",), ("坪", _F(1))),
    **dict.fromkeys(("公克", "克"), ("g", _F(1))),
    **dict.fromkeys(("公斤", "千克"), ("g", _F(1000))),
    **dict.fromkeys(("公噸", "噸", "吨"), ("g", _F(10**6))),
    **dict.fromkeys(("公升", "升"), ("l", _F(1))),
    **dict.fromkeys(("桶",), ("bbl", _F(1))),
    **dict.fromkeys(("瓩", "千瓦"), ("W", _F(10**3))),
    **dict.fromkeys(("瓦特", "瓦"), ("W", _F(1))),
    **dict.fromkeys(("百萬瓦", "兆瓦", "百万瓦"), ("W", _F(10**6))),
    **dict.fromkeys(("吉瓦", "十億瓦"), ("W", _F(10**9))),
    **dict.fromkeys(("度電", "千瓦時", "瓩時"), ("Wh", _F(10**3))),
    **dict.fromkeys(("位元組",), ("B", _F(1))),
    **dict.fromkeys(("攝氏度", "度"), ("deg", _F(1))),
}

#: After these a Chinese numeral counts something: 三家, 十二層. Not so in 三星, 四川, 十足.
MEASURE_WORDS = tuple(
    "個月 個 个 名 人 位 家 間 间 座 艘 架 輛 辆 台 部 項 项 款 種 种 場 场 件 份 張 张 本 支 枚 顆 颗 所 處 处 棟 栋 條 条 隻 只"
    " 層 层 代 期 屆 届 輪 轮 隊 队 國 国 縣 縣市 票 席 篇 組 组 筆 笔 檔 档 站 集 章 口 戶 户 起 例 批 類 类 級 级 大 次 回"
    " 道 片 塊 家公司 萬 万 億 亿 兆 千 百 多 餘 余 折 行 封 套 股 班 句 點 面 步 歲 箱 幅 首 門 门 頭 匹 棵 頁 页 字 則 则 版".split()
)
