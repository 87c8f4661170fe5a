"""The verbs of the command line: one module each, loaded when it is asked for.

A module has `EXAMPLES`, `configure(parser)`, which adds its arguments, and `run(given, console)`, which gives the exit
code. What it does is done by paths and operations; it only asks and prints.
"""

from __future__ import annotations

VERBS = {
    "cache": "Show or empty the cache of contents on this disk",
    "cat": "Print the bytes of files",
    "compare": "Compare two trees between any two storages",
    "completion": "Print the completion script of a shell",
    "config": "Show the settings and where they come from",
    "cp": "Copy files and trees between any two storages",
    "du": "Sum up sizes below directories",
    "find": "Find entries below directories",
    "grep": "Find lines in files and below directories",
    "head": "Print the beginning of files",
    "jobs": "List the jobs of the last time, and go on with one, or take one back",
    "ls": "List directories, prefixes and buckets",
    "mkdir": "Make directories and buckets",
    "mv": "Move files and trees between any two storages",
    "places": "List the places that a URI can name",
    "presign": "Print a URL by which anybody may read or write an object for a while",
    "restore": "Bring a deleted object back, or an older version of it",
    "rm": "Delete files and trees for good",
    "stat": "Show all that is known of files and directories",
    "sync": "Make one tree like another, between any two storages",
    "tag": "Show or change the tags of objects",
    "tail": "Print the end of files, and what is added to it",
    "touch": "Make empty files, or renew the time of files",
    "versions": "List the versions of an object",
}
"""What each does, in a few words."""
