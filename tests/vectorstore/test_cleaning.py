"""The pages are invented; each line of a page's file says what it has to be found as, "-" for reporting."""

from pathlib import Path

import pytest

from vectorstore.cleaning import find_regions, reporting_spans
from vectorstore.models import Article, RegionKind
from vectorstore.structure import split_paragraphs

PAGES = sorted(Path(__file__).with_name("pages").glob("*.txt"))

BEFORE = "The council of the district met on Monday to discuss the new road, its chairman said."
AFTER = "Eleven of its members voted for the plan. The governor has to agree before work can begin."


def labelled(text: str, title: str = "") -> list[tuple[str, str]]:
    """(kind, paragraph) of each paragraph, the kind "-" for reporting."""
    kinds = {(region.start, region.end): region.kind.value for region in find_regions(text, title)}
    return [(kinds.get(span, "-"), text[slice(*span)]) for span in split_paragraphs(text)]


def kind_of(line: str) -> str:
    """What a line is found as in the middle of an article."""
    lines = labelled(f"{BEFORE}\n\n{line}\n\n{AFTER}")
    assert [kind for kind, text in lines if text in (BEFORE, AFTER)] == ["-", "-"]
    (kind,) = [kind for kind, text in lines if text not in (BEFORE, AFTER)]
    return kind


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_page(page: Path) -> None:
    rows = [line.partition(" | ")[::2] for line in page.read_text("utf-8").splitlines()]
    expected = [(kind.strip(), text) for kind, text in rows if text]
    assert labelled("\n".join(text for _, text in rows)) == expected


def test_pages_are_there() -> None:
    assert len(PAGES) >= 15


SHIPPED = {
    "sputnik-2017-12": [
        ("stamp", "19:32 GMT18 June 2021"),
        ("menu", "Listen Live"),
        ("menu", "Military & Intelligence"),
        ("share", "Get short URL"),
        ("links", "Terrorism on the Ascent"),
        ("links", "WATCH: US Airstrike"),
        ("links", "Ideal Choice:"),
        ("links", "Taliban's Senior Commander"),
        ("links", "EXCLUSIVE: Karzai Says"),
        ("tags", "militant group, offensive"),
        ("comments", "Community standardsDiscussion"),
    ],
    "new-arab-2017-12-12": [
        ("heading", "IS 'seeking shelter' in Afghanistan after Middle East losses"),
        ("repeat", "IS 'seeking shelter' in Afghanistan after Middle East losses"),
        ("menu", "3 min read"),
        ("stamp", "12 December, 2017"),
        ("caption", "Daesh-K first emerged in 2015 [Getty]"),
        ("heading", "‘End of the war’"),
        ("source_line", "Agencies contributed to this report."),
    ],
    "southfront-2020-02": [
        ("donation", "0 $"),
        ("donation", "2,500 $"),
        ("donation", "5,000 $"),
        ("donation", "1,440 $"),
        ("heading", "ISIS on Life Support"),
        ("donation", "Support SouthFront"),
        ("repeat", "ISIS on Life Support"),
        ("menu", "Illustrative image. Click to see full-size"),
        ("donation", "Support SouthFront"),
        ("comments", "Notify of"),
        ("comments", "Newest Most Voted"),
        ("comments", "Inline Feedbacks"),
        ("comments", "View all comments"),
        ("comments", "They deserve each other."),
        ("comments", "Both are without any shame"),
        ("comments", "comment image"),
        ("comments", "Assad must stay"),
        ("comments", "Yea the US is just an extension"),
        ("comments", "Assad must stay"),
        ("comments", "good, I would rather have"),
        ("comments", "Would love your thoughts, please comment.x"),
    ],
    "explainer-2021-08": [
        ("heading", "Who is IS-K in Afghanistan and how dangerous is this terrorist group?"),
        ("caption", "An ISIS-K propaganda photo showing its fighters."),
        ("repeat", "An ISIS-K propaganda photo showing its fighters."),
        ("heading", "How was Islamic State Khorasan (IS-K) formed?"),
        ("heading", "Who are the fighters of IS-K?"),
        ("heading", "Enemies of the Taliban"),
        ("heading", "How dangerous is this group?"),
        ("heading", "IS-K’s threat to Afghanistan and the international community?"),
        ("comments", "Leave a comment"),
        ("form", "Your email address will not be published. Required fields are marked *"),
    ],
    "mintpress-2018-08": [
        ("source_line", "Source | Al Jazeera"),
        ("caption", "Top Photo | A foreign ISIS fighter"),
        ("source_line", "Source | SouthFront"),
        ("source_line", "The post Afghanistan Becomes Ground Zero"),
    ],
}


@pytest.mark.parametrize("article_id", SHIPPED)
def test_shipped_article(articles: dict[str, Article], article_id: str) -> None:
    article = articles[article_id]
    found = [(kind, text) for kind, text in labelled(article.text, article.title) if kind != "-"]
    assert [kind for kind, _ in found] == [kind for kind, _ in SHIPPED[article_id]]
    for (_, text), (_, opening) in zip(found, SHIPPED[article_id], strict=True):
        assert text.startswith(opening)


@pytest.mark.parametrize(
    ("kind", "line"),
    [
        ("stamp", "Published: Aug. 27, 2021, 5:30 PM IST"),
        ("stamp", "Issued on: 27/08/2021 - 15:42"),
        ("stamp", "Posted 12 March 2019 Updated 13 March 2019"),
        ("stamp", "Updated 3 hours ago"),
        ("donation", "$4,500 raised of $10,000"),
        ("donation", "45% funded"),
        ("donation", "Donate to The Valley Post today!"),
        ("donation", "If you value our work, please consider a small gift."),
        ("donation", "Your donation keeps our journalism independent and free for all."),
        ("donation", "We depend on readers like you to pay for our reporting from the valley."),
        ("donation", "Help keep this site free for everybody"),
        ("share", "Share on Facebook"),
        ("share", "Facebook | Twitter | WhatsApp | Email"),
        ("share", "2.4k views"),
        ("share", "Follow us on Google News"),
        ("share", "Download our free app for Android"),
        ("form", "Get the latest news from the valley delivered to your inbox every morning."),
        ("form", "Subscribe to our newsletter"),
        ("form", "We and our partners use cookies to store information on a device."),
        ("form", "Please enable JavaScript to view this page."),
        ("menu", "Advertisement"),
        ("menu", "Story continues below advertisement"),
        ("menu", "* * *"),
        ("menu", "Terms of Service | Privacy Policy | Contact"),
        ("links", "READ MORE: Eleven held after the market fire"),
        ("links", "See also: What we know of the fire"),
        ("links", "Read more about the fire in the market of Kot."),
        ("links", "https://www.valleypost.example/world/12"),
        ("tags", "Topics: Kot, market, fire"),
        ("tags", "Filed under: U.S. forces, Kot"),
        ("source_line", "By Anwar Sahak and Ruth Meyer, Torkham"),
        ("source_line", "Additional reporting by Laila Haidari in Herat"),
        ("source_line", "With inputs from Reuters and AFP"),
        ("source_line", "The Associated Press contributed to this report."),
        ("source_line", "Source: Radio Valley/Kot Daily"),
        ("source_line", "This article was originally published in The Valley Post."),
        ("source_line", "Anwar Sahak reports from Kot. Follow him on Twitter @asahak"),
        ("source_line", "Ruth Meyer can be reached at meyer@valleypost.example"),
        ("source_line", "Copyright 2021 The Valley Post"),
        ("caption", "Photo: A bridge over the river at Kot"),
        ("caption", "A bridge over the river at Kot. (Photo by Anwar Sahak)"),
        ("caption", "File photo of the governor at the bridge"),
        ("caption", "An undated image taken from a video released by the group."),
        ("comments", "Leave a Reply"),
        ("comments", "View all 12 comments"),
        ("comments", "Comments are closed."),
        ("comments", "14 comments"),
    ],
)
def test_furniture_between_paragraphs(kind: str, line: str) -> None:
    assert kind_of(line) == kind


@pytest.mark.parametrize(
    "line",
    [
        "Donations from abroad paid for the weapons of the group, two analysts said.",
        "Support for the group fell.",
        "Donate, he told them, or leave the valley before the winter comes.",
        "Comments by the minister angered the elders.",
        "He made no comment.",
        "The comments of two readers of the magazine were quoted in court as evidence against its editor.",
        "Photos of the attack were shared on Facebook and Twitter within an hour, and then deleted.",
        "Share prices of the mining company fell on Monday.",
        "The newsletter of the group asks its readers to sign up for the war and to send money.",
        "Subscribers of the channel were told to delete their accounts, according to the prosecutor.",
        "Cookies and tea were served while the two commanders signed the paper, a guest told the station.",
        "By signing up to the deal, the two clans accept terms that they refused for years.",
        "Copyright law did not exist in the country before 2008, the lawyer said.",
        "Source: the attack was planned in a mosque in Kot, as one of the men later confessed.",
        "Reporting by two human rights groups shows that nine houses were burnt.",
        "Agencies of the United Nations left the city.",
        "Live fire was heard for an hour.",
        "19 soldiers died.",
        "On Tuesday, 12 December 2017 the court opened its doors again.",
        "Both men denied it.",
        "This report was first published by the ministry in 2015 and counts 3,000 fighters.",
        "Translated from Arabic, the name of the group means the people of the valley.",
        "Become one of us, the recruiter wrote to him, and your family will be fed.",
        "Follow the money, the prosecutor told the court, and you will find the men who sent them.",
        "The views expressed by the minister are not those of his party, its chairman said.",
        "KABUL (Reuters) - Two men were shot on the road to the airport, the police said.",
        "Registration for the vote was extended to Friday, and alerts were sent to all phones.",
        "Print runs of the group's magazine reached 5,000 copies.",
        "Menu prices doubled.",
        "Photographs, letters, ledgers and maps were found in the house, the commander said.",
        "“Please donate blood,” the hospital wrote.",
        "The number of fighters in the valley, according to three people who saw the list but asked not to be named",
    ],
)
def test_prose_is_never_furniture(line: str) -> None:
    assert kind_of(line) == "-"


def test_a_title_that_is_a_whole_sentence_stays_reporting() -> None:
    assert labelled(f"{BEFORE}\n\n{AFTER}", title=BEFORE) == [("-", BEFORE), ("-", AFTER)]


def test_a_repeated_short_sentence_stays_and_a_repeated_paragraph_goes() -> None:
    text = f"{BEFORE}\n\n“No more.”\n\n{AFTER}\n\n“No more.”\n\n{BEFORE}\n\n{AFTER} It rained."
    assert [kind for kind, _ in labelled(text)] == ["-", "-", "-", "-", "repeat", "-"]


def test_text_without_any_sentence_is_left_alone() -> None:
    text = "first line\nsecond line\nthird line\nfourth line"
    assert find_regions(text) == []
    assert find_regions("") == []


def test_regions_are_paragraphs_in_order_and_reporting_is_the_rest(articles: dict[str, Article]) -> None:
    for article in articles.values():
        regions = find_regions(article.text, article.title)
        spans = [(region.start, region.end) for region in regions]
        assert spans == sorted(set(spans))
        reporting = reporting_spans(article.text, regions)
        assert sorted([*spans, *reporting]) == split_paragraphs(article.text)


def test_only_captions_are_reporting_and_only_asides_are_spanned() -> None:
    assert [kind for kind in RegionKind if kind.reporting] == [RegionKind.CAPTION]
    assert [kind for kind in RegionKind if not kind.excluded] == [RegionKind.CAPTION, RegionKind.ASIDE]


HOSTILE = {
    "agencies": "AFP , " * 190 + "x",
    "names": "By " + "Alpha Beta and " * 75 + "x",
    "sources": "Source: " + "Alpha, " * 160 + "x",
    "menu": "privacy policy " + "- a " * 280 + "!",
    "quotation marks": '"' * 100_000,
    "one word": "x" * 1_000_000,
    "replies": "Reply\nI think that you are right about it.\n" * 3_000,
    "links": "alpha beta:\n" * 10_000,
}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_text_takes_no_reporting_with_it(name: str) -> None:
    """Each of these made a careless pattern or loop run for minutes."""
    kinds = {text: kind for kind, text in labelled(f"{BEFORE}\n\n{AFTER}\n\n{HOSTILE[name]}")}
    assert (kinds[BEFORE], kinds[AFTER]) == ("-", "-")
