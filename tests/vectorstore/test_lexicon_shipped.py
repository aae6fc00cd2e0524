"""The lexicon over the shipped articles and the bundled model."""

import pytest

from tests.vectorstore.fakes import Store
from vectorstore.analysis import stem
from vectorstore.lexicon import Lexicon


@pytest.fixture(scope="module")
def lexicon(shipped: Store) -> Lexicon:
    return Lexicon(shipped.catalog, shipped.embedder, shipped.analyser)


@pytest.mark.parametrize(
    ("text", "repaired"),
    [
        ("Who is Faulknr?", "Who is Kone Faulkner?"),
        ("Who is Fualkner?", "Who is Kone Faulkner?"),
        ("What did Ghafori say?", "What did Mohammad Reza Ghafoori say?"),
        ("What did the Talibn do?", "What did the Taliban do?"),
        ("Who is in Jowzjann?", "Who is in Jowzjan?"),
        ("Who is in Kunarr?", "Who is in Kunar?"),
        ("Was there an expnasion?", "Was there an expansion?"),
        ("Talibn, Kunarr; (Faulknr)!", "Taliban, Kunar; (Kone Faulkner)!"),
    ],
)
def test_misspelt_words_are_repaired(lexicon: Lexicon, text: str, repaired: str) -> None:
    assert lexicon.repair(text) == repaired


@pytest.mark.parametrize(
    "place",
    "Zabul Kandahar Helmand Kunduz Ghazni Herat Nimroz Badghis Baghlan Paktika Paktia Logar Wardak Takhar Farah Ghor "
    "Khost Balkh Laghman Nuristan Uruzgan Samangan Kapisa Parwan Panjshir Badakhshan Daykundi Karachi Peshawar Quetta "
    "Mosul Raqqa Aleppo Lahore Kashmir Portugal Lisbon Iceland Zambia".split(),
)
def test_another_place_is_not_taken_for_a_known_one(lexicon: Lexicon, place: str) -> None:
    for text in (f"What happened in {place}?", f"{place.lower()} attack"):
        assert lexicon.repair(text) == text


@pytest.mark.parametrize(
    "text",
    [
        "How many fighters did ISIS-K have at the beginning of 2017?",
        "Which minister announced the offensive?",
        "soldiers bakeries penguins submarines elections vaccine football",
        "talks tasks walks banks ranks tanks",
        "1,600 fighters, 2017, 50%",
        "Xi Wu Ma",
        "xqzvkwjj bbrrzzttqq",
        "",
        "Where’s “Darzab” — and Qushtepa?",
    ],
)
def test_what_is_spelt_as_it_may_be_stays(lexicon: Lexicon, text: str) -> None:
    assert lexicon.repair(text) == text


def test_a_correction_is_a_word_of_the_index(lexicon: Lexicon, shipped: Store) -> None:
    word = lexicon.repair("expnasion")
    assert shipped.catalog.lexical.document_frequencies([stem(word)])[stem(word)] > 0


def words(*given: str) -> dict[str, str]:
    return {stem(word): word for word in given}


@pytest.mark.parametrize(
    ("asked", "there", "other"),
    [("soldiers", "troops", "province"), ("trip", "visit", "grenade"), ("murdered", "killed", "border")],
)
def test_likeness_of_words(lexicon: Lexicon, asked: str, there: str, other: str) -> None:
    (close,) = lexicon.likeness(words(asked), words(there, other)).values()
    assert 0.3 < close[stem(there)] <= 1
    assert close.get(stem(other), 0) < 0.1


def test_a_word_is_itself(lexicon: Lexicon) -> None:
    assert lexicon.likeness(words("grenade"), words("grenade")) == {"grenad": {"grenad": pytest.approx(1)}}


@pytest.mark.parametrize(("asked", "there"), [((), ("killed",)), (("killed",), ()), ((), ())])
def test_nothing_is_like_nothing(lexicon: Lexicon, asked: tuple[str, ...], there: tuple[str, ...]) -> None:
    assert lexicon.likeness(words(*asked), words(*there)) == {term: {} for term in words(*asked)}


def test_what_is_rare_weighs_more(lexicon: Lexicon) -> None:
    weights = lexicon.rarity(["@afghanistan", "fighter", "grenad", "penguin"])
    assert 0 < weights["@afghanistan"] < weights["fighter"] < weights["grenad"] < weights["penguin"]
    assert lexicon.rarity([]) == {}
