"""Actions about the program itself, and about jobs."""

from __future__ import annotations

from textual.command import CommandPalette

from tfm.app.actions import action
from tfm.app.palette import ActionProvider
from tfm.app.screens.confirm import Confirm
from tfm.app.screens.help import HelpDialog
from tfm.app.screens.main import MainScreen
from tfm.wording import count_text, visible

LAST_WAIT = 5.0
"""Seconds that cancelled jobs get to clean up behind them before the program ends."""


@action("jobs", "Show the running job", "App", "w")
def jobs(screen: MainScreen) -> None:
    """Bring the last running job to the front."""
    desk = screen.jobs
    if desk.running:
        desk.show(desk.running[-1])
    else:
        screen.notify("No job is running.", timeout=2)


@action("palette", "Command palette", "App", "ctrl+p", "f9")
def palette(screen: MainScreen) -> None:
    """Open the command palette."""
    screen.app.push_screen(CommandPalette(providers=[ActionProvider]))


@action("help", "Help: all keys", "App", "question_mark", "f1", hint="help")
def show_help(screen: MainScreen) -> None:
    """Show all keys."""
    screen.app.push_screen(HelpDialog("files"))


@action("quit", "Quit; asks while jobs run", "App", "q", "f10", hint="quit")
def quit_program(screen: MainScreen) -> None:
    """Quit, unless jobs run and the answer is no."""
    if not screen.jobs.running:
        screen.app.exit()
        return
    running = count_text(len(screen.jobs.running), "job is", "jobs are")
    text = f"{running} running. Quitting cancels: what is done stays done, what was not moved stays where it is."

    def answer(yes: bool | None) -> None:
        if yes:
            quit_now(screen)

    lines = [visible(job.title) for job in screen.jobs.running]
    screen.app.push_screen(Confirm("Quit?", text, lines, yes="Cancel them and quit"), answer)


@action("quit_now", "Quit without asking; cancels jobs", "App", "Q")
def quit_now(screen: MainScreen) -> None:
    """Cancel all jobs, let them clean up, and quit."""
    running = list(screen.jobs.running)
    for job in running:
        job.cancel()
    if not running:
        screen.app.exit()
        return
    screen.notify("Cancelling…", timeout=LAST_WAIT)
    screen.ask("job", lambda: [job.wait(LAST_WAIT) for job in running], lambda _, __: screen.app.exit())
