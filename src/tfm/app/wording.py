"""Errors in words: what failed and why in one sentence, and what can be done."""

from __future__ import annotations

from tfm.app.format import visible
from tfm.errors import TfmError

_SENTENCES: tuple[tuple[type[Exception], str], ...] = (
    (FileNotFoundError, "{name} is not there; it may have been moved or deleted."),
    (NotADirectoryError, "{name} is a file, not a directory."),
    (IsADirectoryError, "{name} is a directory, not a file."),
    (FileExistsError, "{name} exists already."),
    (PermissionError, "You have no permission for {name}."),
    (TimeoutError, "{name} did not answer in time."),
)


def explain(error: Exception, name: str = "") -> str:
    """One sentence for an error: the error's own where it has one.

    Args:
        error: What was raised.
        name: What it was about, where the error does not say.
    """
    if isinstance(error, OSError):
        if isinstance(error, TfmError) and error.strerror:
            return _sentence(str(error.strerror))
        named = visible(str(error.filename)) if error.filename else visible(name) or "It"
        for kind, sentence in _SENTENCES:
            if isinstance(error, kind):
                return sentence.format(name=named)
        why = error.strerror or str(error) or type(error).__name__
        return _sentence(f"{named}: {why}")
    text = str(error)
    if isinstance(error, TfmError | ValueError) and text:
        return _sentence(text)
    return _sentence(f"Something went wrong inside tfm ({type(error).__name__}: {text})")


def _sentence(text: str) -> str:
    text = " ".join(visible(line) for line in text.split("\n")).strip()
    return text if text.endswith((".", "!", "?", ")")) else f"{text}."
