"""The program finds its commands, and says what went wrong in one line and a status."""

import pytest

from couchmapper import __version__
from couchmapper.cli import main


def test_the_version_is_told(capsys: pytest.CaptureFixture[str]):
    with pytest.raises(SystemExit) as caught:
        main(["--version"])

    assert caught.value.code == 0
    assert capsys.readouterr().out == f"couchmapper {__version__}\n"


@pytest.mark.parametrize("arguments", [[], ["nonsense"], ["config", "--nonsense"]])
def test_arguments_that_are_not_understood_are_told_with_the_usage(
    arguments: list[str], capsys: pytest.CaptureFixture[str]
):
    with pytest.raises(SystemExit) as caught:
        main(arguments)

    assert caught.value.code == 2
    assert "usage: couchmapper" in capsys.readouterr().err


def test_help_lists_the_commands(capsys: pytest.CaptureFixture[str]):
    with pytest.raises(SystemExit):
        main(["--help"])

    assert "config" in capsys.readouterr().out
