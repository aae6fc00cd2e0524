"""Words that an answer may put in the place of others: each of a line may stand for each."""

from vectorstore.analysis import stem

# Only what is certain in reports: a wider word than the article's claims no more than it does, a narrower one may.
_GROUPS = (
    "large big huge enormous vast massive great",
    "small little tiny",
    "begin began start commence launch",
    "end finish conclude stop cease",
    "lead led head command",
    "make made create produce build construct",
    "establish found form set create",
    "use employ utilise utilize apply",
    "call name term know known refer dub",
    "locate situate lie base",
    "show demonstrate prove indicate",
    "help aid assist support",
    "try attempt seek sought",
    "get obtain receive acquire gain",
    "choose chose chosen select pick elect",
    "need require necessary",
    "stay remain continue",
    "numerous many several number various",
    "near close",
    "main chief principal primary major",
    "important significant crucial key",
    "famous renowned well-known known noted",
    "often frequently commonly usually regularly",
    "quick quickly rapid rapidly fast swift",
    "almost nearly",
    "about around approximately roughly estimated",
    "earlier previous previously former formerly before",
    "later subsequent subsequently afterwards after",
    "initially originally first",
    "buy bought purchase",
    "allow let permit enable",
    "cause lead result",
    "include comprise contain consist involve",
    "become became turn",
    "town city",
    "house home residence dwelling",
    "aim goal purpose objective",
    "area region zone",
    "nation country",
    "job work task post position",
    "kill killed slain dead die death",
    "wound injure hurt",
    "attack assault strike raid",
    "bomb bombing explosion blast",
    "fighter militant gunman gunmen insurgent jihadist combatant terrorist",
    "troop soldier serviceman servicemen forces",
    "say said state tell told report claim announce declare note add",
    "send sent dispatch deploy",
    "take took taken seize capture",
    "carry conduct perform launch execute",
    "think believe consider regard",
    "increase rise rose grow grew",
    "decrease fall fell decline drop reduce",
    "entire whole complete",
    "type kind sort form",
    "part portion share",
    "fight fought battle combat",
    "leave left depart",
    "give gave given provide supply offer grant",
    "different various distinct",
    "group organisation organization",
    "writer author",
    "movie film",
    "doctor physician",
    "woman women female",
    "man men male",
    "child children kid",
    "finally eventually ultimately",
    "beginning start outset",
    "government administration authorities",
    "chief leader head commander",
    "spouse wife husband marry married",
    "oldest earliest",
    "speak spoke talk",
    "hit struck strike",
)


def _by_word() -> dict[str, frozenset[str]]:
    found: dict[str, set[str]] = {}
    for group in _GROUPS:
        stems = {stem(word) for word in group.split()}
        for each in stems:
            found.setdefault(each, set()).update(stems)
    return {word: frozenset(words) for word, words in found.items()}


# By stem, the stems that may stand for it, itself included.
SYNONYMS = _by_word()


def alike(one: str, other: str) -> bool:
    """Whether a stem may stand for another: the same, a synonym, or one that goes on where the other ends.

    "organ" and "organis", but not "respond" and "respons".
    """
    if one == other or other in SYNONYMS.get(one, ()):
        return True
    return min(len(one), len(other)) >= 5 and (one.startswith(other) or other.startswith(one))
