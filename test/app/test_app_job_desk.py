from __future__ import annotations

from pathlib import Path as LocalPath

from tfm import Path
from tfm.app import TfmApp
from tfm.app.screens.main import MainScreen
from tfm.operations import copy


async def test_a_job_that_ends_while_its_dialog_opens_leaves_the_app_alone(tmp_path: LocalPath) -> None:
    (tmp_path / "from").mkdir()
    (tmp_path / "to").mkdir()
    (tmp_path / "from" / "file").write_bytes(b"x")
    job = copy([Path(tmp_path / "from" / "file")], Path(tmp_path / "to"))
    app = TfmApp(Path(tmp_path / "from"), Path(tmp_path / "to"))
    async with app.run_test(size=(80, 24)) as pilot:
        main = app.screen
        assert isinstance(main, MainScreen)
        await pilot.pause()
        job.start()
        assert job.wait(10)
        main.jobs.running.append(job)
        main.jobs.show(job)
        await pilot.pause(0.3)
        assert app.screen is main
        assert main.jobs.running == []
        assert main.jobs.last is job
