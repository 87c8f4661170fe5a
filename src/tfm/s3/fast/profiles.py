"""The AWS configuration files, read as botocore reads them, without its parser and without guessing.

Whatever is not plainly what it seems (text that is not ASCII, doubled sections or keys, quotes in a name) raises
`StepAside`: then botocore reads the files itself.
"""

from __future__ import annotations

import os

from tfm.s3.fast.access import StepAside

Values = dict[str, "str | dict[str, str]"]
"""One section: its values by lower-case name; an indented block is a dictionary of its own."""

ODD = frozenset(map(chr, (*range(9), *range(11, 13), *range(14, 32), 127)))
"""Control characters other than tab and line ends: what ends a line and what is white space differs for them."""


def read_files(
    config_file: str, credentials_file: str
) -> tuple[dict[str, Values], dict[str, Values], dict[str, Values]]:
    """Read both files; one that isn't there is empty.

    Args:
        config_file: As `AWS_CONFIG_FILE` names it; `~` and variables are expanded.
        credentials_file: As `AWS_SHARED_CREDENTIALS_FILE` names it.

    Returns:
        The profiles of the config file by name, its `[services NAME]` sections by name, and the profiles of the
        credentials file.

    Raises:
        StepAside: They are not as plain as this reader wants them.

    Source: https://docs.aws.amazon.com/sdkref/latest/guide/file-format.html
    """
    profiles: dict[str, Values] = {}
    services: dict[str, Values] = {}
    for section, values in parse(_text(config_file)).items():
        if section == "default":
            profiles["default"] = values
            continue
        if set(section) & set("\"'\\"):
            raise StepAside("the name of a section has quotes")
        words = section.split()
        if section.startswith(("profile", "services")) and len(words) == 2:
            (profiles if section.startswith("profile") else services)[words[1]] = values
    return profiles, services, parse(_text(credentials_file))


def profile_names() -> list[str]:
    """Name the profiles of both files, sorted.

    Raises:
        StepAside: The files are not as plain as this reader wants them.
    """
    profiles, _, stored = named_files()
    return sorted({*profiles, *stored})


def named_files() -> tuple[dict[str, Values], dict[str, Values], dict[str, Values]]:
    """Read the files that the environment names, or those that are read when it names none; see `read_files`."""
    return read_files(
        os.environ.get("AWS_CONFIG_FILE", "~/.aws/config"),
        os.environ.get("AWS_SHARED_CREDENTIALS_FILE", "~/.aws/credentials"),
    )


def _text(name: str) -> str:
    path = os.path.expanduser(os.path.expandvars(name))
    if not os.path.isfile(path):
        return ""
    try:
        with open(path, encoding="ascii") as stream:
            return stream.read()
    except OSError as error:
        raise StepAside("an AWS configuration file can't be read") from error
    except UnicodeDecodeError as error:
        raise StepAside("an AWS configuration file is not all ASCII") from error


def parse(text: str) -> dict[str, Values]:
    """Read sections of names and values, as Python's RawConfigParser and botocore's nested blocks have it.

    Args:
        text: The file's.

    Raises:
        StepAside: It is broken, or not plain.

    Source: https://docs.python.org/3/library/configparser.html#supported-ini-file-structure
    """
    if ODD.intersection(text):
        raise StepAside("an AWS configuration file has control characters")
    sections: dict[str, dict[str, list[str]]] = {}
    section: dict[str, list[str]] | None = None
    lines: list[str] | None = None  # of the value that may go on
    indent = 0
    for line in text.split("\n"):
        value = line.strip()
        if value.startswith(("#", ";")):
            continue
        if not value:
            if lines is not None:
                lines.append("")
            continue
        inset = len(line) - len(line.lstrip())
        if lines is not None and inset > indent:
            lines.append(value)
            continue
        indent = inset
        if value.startswith("["):
            section, lines = sections.setdefault(_header(value, sections), {}), None
        else:
            lines = _value(value, section)
    return {name: {key: _nested(value) for key, value in each.items()} for name, each in sections.items()}


def _header(value: str, sections: dict[str, dict[str, list[str]]]) -> str:
    name = value[1 : value.rfind("]")] if "]" in value else ""
    if not name or not value.endswith("]") or name in sections or name == "DEFAULT":
        raise StepAside("a section of an AWS configuration file is broken, doubled or named DEFAULT")
    return name


def _value(value: str, section: dict[str, list[str]] | None) -> list[str]:
    """Begin the value of a line `name = value`, to which indented lines may add."""
    ends = [end for end in (value.find("="), value.find(":")) if end >= 0]
    name = value[: min(ends)].rstrip().lower() if ends else ""
    if section is None or not name or name in section:
        raise StepAside("a line of an AWS configuration file is broken or doubled")
    section[name] = [value[min(ends) + 1 :].strip()]
    return section[name]


def _nested(lines: list[str]) -> str | dict[str, str]:
    value = "\n".join(lines).rstrip()
    if not value.startswith("\n"):
        return value
    nested: dict[str, str] = {}
    for line in lines:
        if line:
            name, equals, rest = line.partition("=")
            if not equals:
                raise StepAside("a nested line of an AWS configuration file is broken")
            nested[name.strip()] = rest.strip()
    return nested
