"""A sentence in another language than the digest's is told from one that only names something foreign."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from localdigest.text.written_in import is_written_in

CHINESE = (
    "OpenAI 收購 Rockset",
    "Mistral AI 推出 Mistral Large 3，採 Apache 2.0 授權。",
    "遊戲《ゼルダの伝説》的銷量在臺灣超過二十萬套，是今年最高。",
    "17 億歐元",
    "在 GitHub 上開源",
    "執行長表示：「We have never seen anything like this before in the industry.」",
)
ENGLISH = (
    "Mistral released Le Chat for iOS on Monday.",
    "The paper 道德經 was translated again.",
    "Das Auto is the slogan of Volkswagen.",
    "La Plateforme de Mistral now has the new model for all of its users.",
    "Revenue: 12 bn.",
    "12 %",
    "The minister said: “Der Vertrag wurde am Montag von der Firma und dem Minister unterzeichnet.”",
    "",
)
OTHERS = (
    "Der Vertrag wurde am Montag von der Firma und dem Minister unterzeichnet.",
    "Le contrat a été signé lundi par la société et le ministre.",
    "El contrato fue firmado el lunes por la empresa.",
    "Договор был подписан в понедельник.",
    "契約は月曜日に会社によって署名されました。",
    "계약은 월요일에 체결되었다.",
)


@pytest.mark.parametrize("text", CHINESE)
def test_chinese_is_chinese_whatever_it_names(text: str) -> None:
    assert is_written_in(text, "zh-TW")


@pytest.mark.parametrize("text", ENGLISH)
def test_english_is_english_whatever_it_names(text: str) -> None:
    assert is_written_in(text, "en")


@pytest.mark.parametrize("text", [*OTHERS, "公司週一公布了新的模型。"])
def test_another_language_is_not_english(text: str) -> None:
    assert not is_written_in(text, "en")


@pytest.mark.parametrize("text", [*OTHERS, "The contract was signed on Monday by the company."])
def test_another_language_is_not_chinese(text: str) -> None:
    assert not is_written_in(text, "zh-TW")


@given(st.text())
def test_a_language_that_is_not_known_is_not_looked_at(text: str) -> None:
    assert is_written_in(text, "")
    assert is_written_in(text, "fr")
    assert is_written_in(text, "en") in (True, False)
