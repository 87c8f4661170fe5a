"""`tfm completion`: the script that makes a shell complete verbs, options, local names, buckets and keys."""

from __future__ import annotations

import argparse
import sys

from tfm.cli.completing import candidates
from tfm.cli.console import Console
from tfm.cli.exits import Exit
from tfm.errors import RefusedError

EXAMPLES = [
    'eval "$(tfm completion bash)"                     in ~/.bashrc',
    'eval "$(tfm completion zsh)"                      in ~/.zshrc, behind compinit',
    "tfm completion fish > ~/.config/fish/completions/tfm.fish",
]

SCRIPTS = {
    "bash": r"""_tfm() {
    local line words
    # The colon of s3:// parts words in bash: take the line apart by spaces instead.
    line=${COMP_LINE:0:COMP_POINT}
    read -r -a words <<< "$line"
    [[ $line == *' ' ]] && words+=("")
    local last=${words[${#words[@]}-1]} cut=""
    [[ $last == *:* && $COMP_WORDBREAKS == *:* ]] && cut=${last%"${last##*:}"}
    local IFS=$'\n'
    COMPREPLY=($(tfm completion --words -- "${words[@]:1}" 2>/dev/null))
    COMPREPLY=("${COMPREPLY[@]#"$cut"}")
}
complete -o nospace -F _tfm tfm""",
    "zsh": r"""#compdef tfm
_tfm() {
    local -a found
    found=("${(@f)$(tfm completion --words -- "${(@)words[2,CURRENT]}" 2>/dev/null)}")
    [[ -n $found[1] ]] && compadd -Q -U -S '' -- "${(@)found}"
}
compdef _tfm tfm""",
    "fish": r"""function __tfm_candidates
    tfm completion --words -- (commandline -opc)[2..-1] (commandline -ct) 2>/dev/null | string trim --right
end
complete -c tfm -f -a '(__tfm_candidates)'""",
}


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the arguments.

    Args:
        parser: The verb's.
    """
    parser.add_argument("words", nargs="*", metavar="SHELL", help="bash, zsh or fish")
    parser.add_argument("--words", dest="complete", action="store_true", help=argparse.SUPPRESS)


def run(given: argparse.Namespace, console: Console) -> Exit:
    """Print the script; for the scripts themselves, what may come next.

    Args:
        given: The arguments.
        console: Where it is printed.

    Raises:
        RefusedError: There is no such shell.
    """
    if given.complete:
        sys.stdout.writelines(f"{word}\n" for word in candidates(given.words))
        return Exit.OK
    if len(given.words) != 1 or given.words[0] not in SCRIPTS:
        raise RefusedError(f"Name one of the shells {', '.join(SCRIPTS)}, as in tfm completion bash.")
    console.show(SCRIPTS[given.words[0]].split("\n"), {"shell": given.words[0], "script": SCRIPTS[given.words[0]]})
    return console.exit()
