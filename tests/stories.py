"""Two days of made stories on one topic, English and Chinese: what goes on on the second day, and what is new.

The names return in many of them, as they do in a real week.
"""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["FIRST_DAY", "SECOND_DAY", "MadeStory"]


@dataclass(frozen=True)
class MadeStory:
    event: str
    headline: str
    sentences: tuple[str, ...]


FIRST_DAY = (
    MadeStory(
        "ferry",
        "Port Ellis buys electric ferries",
        (
            "The harbour council of Port Ellis voted on Monday to replace its three diesel ferries with electric ones.",
            "The first boat, built by the Norwegian yard Fjordverk, will carry 280 people and arrive in March 2027.",
            "Port Ellis will pay 41 million euros for the three ferries, a third of it from the national climate fund.",
        ),
    ),
    MadeStory(
        "funding",
        "Arkon raises 300 million dollars",
        (
            "The AI laboratory Arkon has raised 300 million dollars in a round led by Sequent Capital.",
            "The round values Arkon at 2.4 billion dollars, twice as much as a year ago.",
            "Arkon will spend the money on a data centre near Lyon and on hiring 120 researchers.",
        ),
    ),
    MadeStory(
        "model",
        "Arkon releases Breeze 3 under an open licence",
        (
            "Arkon published its language model Breeze 3 on Tuesday under the Apache licence.",
            "Breeze 3 has 24 billion parameters and reads texts of up to 128,000 tokens.",
            "In Arkon's own tests the model answers as well as rivals three times its size.",
        ),
    ),
    MadeStory(
        "lawsuit",
        "Publishers sue Arkon over training data",
        (
            "Four European publishers have sued Arkon in Paris for training its models on their books.",
            "The publishers ask for 90 million euros in damages and for the models to be withdrawn.",
            "Arkon said that the training was covered by the exception for text and data mining.",
        ),
    ),
    MadeStory(
        "ceo",
        "Arkon's head of research leaves for a start-up",
        (
            "Lena Moreau, who led research at Arkon since its foundation, leaves the company at the end of May.",
            "Moreau will found a start-up for robotics in Zurich with two former colleagues.",
            "Her deputy Tomas Weil takes over the team of eighty people.",
        ),
    ),
    MadeStory(
        "regulation",
        "Commission publishes code for general-purpose models",
        (
            "The European Commission published the code of practice for general-purpose AI models on Thursday.",
            "Providers that sign the code must publish a summary of their training data.",
            "The obligations apply from August, with fines of up to three percent of turnover.",
        ),
    ),
    MadeStory(
        "chip",
        "Halden delays its inference chip",
        (
            "The chip maker Halden will ship its inference chip Ridge nine months later than planned.",
            "Halden blamed a fault in the memory interface that was found in tests in October.",
            "Analysts expect the delay to cost Halden 200 million dollars in sales next year.",
        ),
    ),
    MadeStory(
        "outage",
        "Outage at Arkon's service lasts nine hours",
        (
            "The interface of Arkon was unavailable for nine hours on Sunday after a failed update of its database.",
            "Around 40,000 companies could not use the models in that time.",
            "Arkon will credit customers of its paid plans with one week.",
        ),
    ),
    MadeStory(
        "evchip_zh",
        "雲川推論晶片「凌波」明年三月量產",
        (
            "雲川半導體週二宣布，新一代推論晶片「凌波」將於明年三月在新竹量產，首批供貨給三家資料中心業者。",
            "「凌波」採用十二層堆疊記憶體，每秒可處理四千個詞元，功耗則比上一代降低三成。",
            "雲川半導體執行長林若海表示，公司今年已投入五十二億元擴建新竹廠房。",
        ),
    ),
    MadeStory(
        "bus_zh",
        "台中市明年全面汰換柴油公車",
        (
            "台中市政府宣布，明年底前將汰換全部六百輛柴油公車，改為電動公車。",
            "市府編列三十八億元預算，其中四成由中央補助。",
            "交通局長陳怡文表示，首批一百二十輛電動公車將於四月上路。",
        ),
    ),
    MadeStory(
        "quake_zh",
        "花蓮外海地震規模六點一",
        (
            "花蓮外海週三凌晨發生規模六點一地震，最大震度五弱。",
            "台鐵北迴線暫停行駛三小時，清晨六時恢復通車。",
            "消防署表示，目前有四人受輕傷，無人死亡。",
        ),
    ),
    MadeStory(
        "model_zh",
        "深原推出開源模型「青鳥二號」",
        (
            "深原科技週四推出開源大型語言模型「青鳥二號」，參數為三百二十億。",
            "「青鳥二號」支援繁體中文，可處理二十五萬個詞元的文件。",
            "深原表示，模型採用寬鬆授權，企業可以免費商用。",
        ),
    ),
)
SECOND_DAY = (
    MadeStory(
        "ferry",
        "Opposition to electric ferries grows in Port Ellis",
        (
            "Fishermen in Port Ellis collected 2,000 signatures against the three electric ferries of the council.",
            "They say that the charging station will take up a quarter of the fish market.",
            "The council wants to answer in January, before the contract with Fjordverk is signed.",
        ),
    ),
    MadeStory(
        "funding",
        "Arkon's new investors want profits by 2028",
        (
            "Sequent Capital, which led the 300 million dollar round of Arkon, expects it to earn money by 2028.",
            "A partner of the fund said that the valuation of 2.4 billion dollars was no bet on growth alone.",
            "Two of the founders sold shares for 15 million dollars in the round.",
        ),
    ),
    MadeStory(
        "model",
        "Breeze 3 runs on a laptop, testers find",
        (
            "Independent testers have run Breeze 3 on laptops with 32 gigabytes of memory.",
            "The model of Arkon with 24 billion parameters wrote eleven words a second there.",
            "In Chinese it made twice as many mistakes as in English, the testers wrote.",
        ),
    ),
    MadeStory(
        "lawsuit",
        "Court sets date for publishers' case against Arkon",
        (
            "A court in Paris will hear the case of four publishers against Arkon on 14 March.",
            "The publishers had asked for 90 million euros because their books were used for training.",
            "Eleven authors have joined the suit since it was filed.",
        ),
    ),
    MadeStory(
        "ceo",
        "Moreau's robotics start-up finds backers",
        (
            "The robotics start-up of Lena Moreau, formerly head of research at Arkon, has its first investors.",
            "Two funds from Zurich put 8 million francs into the company, which has no name yet.",
            "Moreau wants robots to learn from videos instead of simulations.",
        ),
    ),
    MadeStory(
        "regulation",
        "Nine providers sign the European code of practice",
        (
            "Nine providers of general-purpose models have signed the code of practice of the European Commission.",
            "Two large American companies refused, since the summary of training data would reveal secrets.",
            "The Commission said that the obligations apply to all from August, signed or not.",
        ),
    ),
    MadeStory(
        "chip",
        "Halden finds a new supplier for Ridge",
        (
            "Halden will have the memory interface of its delayed inference chip Ridge made by another supplier.",
            "The chip could now ship in September instead of December, the company said.",
            "The shares of Halden rose by six percent.",
        ),
    ),
    MadeStory(
        "outage",
        "Arkon explains its outage",
        (
            "Arkon published a report on the outage of its interface, which lasted nine hours on Sunday.",
            "An engineer had started the update of the database in the wrong region.",
            "Updates now need the consent of a second person.",
        ),
    ),
    MadeStory(
        "evchip_zh",
        "「凌波」首批客戶曝光",
        (
            "雲川半導體的推論晶片「凌波」首批客戶包括兩家日本資料中心業者。",
            "供應鏈指出，「凌波」明年出貨量上看八十萬顆。",
            "雲川執行長林若海將於下月赴東京簽約。",
        ),
    ),
    MadeStory(
        "bus_zh",
        "台中電動公車充電站選址引發爭議",
        (
            "台中市汰換柴油公車所需的充電站，選址遭到兩個里的居民反對。",
            "交通局長陳怡文說，充電站的噪音低於一般道路，將再辦三場說明會。",
            "市府仍計畫讓首批一百二十輛電動公車於四月上路。",
        ),
    ),
    MadeStory(
        "quake_zh",
        "花蓮地震後餘震已達五十次",
        (
            "花蓮外海規模六點一地震發生後，截至週四中午已記錄五十次餘震。",
            "氣象署預估，未來三天仍可能出現規模五以上的餘震。",
            "縣府開放三處學校供民眾暫住。",
        ),
    ),
    MadeStory(
        "model_zh",
        "「青鳥二號」下載量破百萬",
        (
            "深原科技的開源模型「青鳥二號」推出一週，下載量已超過一百萬次。",
            "開發者回報，模型在三十二GB記憶體的筆電上即可執行。",
            "深原預告下一代模型將支援語音。",
        ),
    ),
    MadeStory(
        "new1",
        "Arkon opens an office in Tokyo",
        (
            "Arkon opened an office in Tokyo on Monday with twenty people.",
            "The laboratory wants to work with Japanese car makers on models for voice control.",
            "It is the fourth office of Arkon outside France.",
        ),
    ),
    MadeStory(
        "new2",
        "Arkon buys the annotation company Labelworks",
        (
            "Arkon has bought Labelworks, a company of 60 people that annotates data.",
            "The price was not told; Labelworks had sales of 11 million dollars last year.",
            "Its tools will be part of Arkon's interface for companies.",
        ),
    ),
    MadeStory(
        "new3",
        "Halden builds a plant in Dresden",
        (
            "Halden will build a plant for chips of older kinds in Dresden with 1,500 jobs.",
            "The state pays a fifth of the 3 billion euros.",
            "Production is to begin in 2029.",
        ),
    ),
    MadeStory(
        "new4",
        "Arkon's transcription model beats its rivals",
        (
            "The transcription model Murmur of Arkon makes fewer mistakes than any rival in a new test.",
            "Murmur costs a tenth of a cent a minute and knows thirteen languages.",
            "Newsrooms in France and Belgium use it already.",
        ),
    ),
    MadeStory(
        "new5_zh",
        "雲川半導體獲利創新高",
        (
            "雲川半導體上季營收三百二十億元，獲利創下歷史新高。",
            "執行長林若海表示，車用晶片需求是主要原因。",
            "公司董事會通過配發每股五元股利。",
        ),
    ),
    MadeStory(
        "new6_zh",
        "台中市推出雙人優惠票",
        (
            "台中市公車下月起推出雙人優惠票，每日九十元。",
            "交通局希望週末搭乘人次增加一成。",
            "市民可在超商或手機購買。",
        ),
    ),
    MadeStory(
        "new7",
        "European fund invests in AI start-ups",
        (
            "A European fund with 500 million euros will invest in AI start-ups from January.",
            "The fund pays up to 10 million euros a company and wants seats on no board.",
            "The Commission gives half of the money.",
        ),
    ),
)
