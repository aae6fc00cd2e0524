"""Words by what they are forms of."""

from vectorstore.analysis import Token, stem

# Forms that the stemmer does not bring together.
_IRREGULAR = {
    form: stem(forms.split()[0])
    for forms in (
        "say said",
        "begin began begun beginning",
        "become became",
        "break broke broken",
        "bring brought",
        "build built",
        "buy bought",
        "catch caught",
        "choose chose chosen choice",
        "come came",
        "drive drove driven",
        "fall fell fallen",
        "feel felt",
        "fight fought",
        "find found",
        "flee fled",
        "get got gotten",
        "give gave given",
        "go went gone",
        "grow grew grown growth",
        "hold held",
        "keep kept",
        "know knew known",
        "lead led",
        "leave left",
        "lose lost loss losses",
        "make made",
        "mean meant",
        "meet met",
        "pay paid",
        "rise rose risen",
        "see saw seen",
        "seek sought",
        "sell sold sale sales",
        "send sent",
        "shrink shrank shrunk",
        "speak spoke spoken",
        "spend spent",
        "strike struck",
        "take took taken",
        "teach taught",
        "tell told",
        "think thought",
        "throw threw thrown",
        "understand understood",
        "win won",
        "withdraw withdrew withdrawn",
        "write wrote written",
        "die died dying death deaths dead",
        "destroy destroyed destruction",
        "responsible responsibility",
        "defence defense",
        "defend defended defender",
        "analyse analyze analysis",
        "speech speeches",
        "strong stronger strength",
        "long length",
        "child children",
        "man men",
        "woman women",
        "person people",
    )
    for form in forms.split()
}


def lemma(token: Token) -> str:
    """The term of a token, with the forms of irregular words brought together."""
    return _IRREGULAR.get(token.surface.lower(), token.term)
