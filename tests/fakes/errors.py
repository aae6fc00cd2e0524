"""What an error gives away."""

import traceback


def everything_said(error: BaseException) -> str:
    said = ["".join(traceback.format_exception(error))]
    following: BaseException | None = error
    while following is not None:
        said += [str(following), repr(following), repr(following.args), repr(vars(following))]
        following = following.__cause__ or following.__context__
    return "\n".join(said)
