"""The pages name files that exist, and link to pages that exist."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PAGES = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md")])

LINK = re.compile(r"\]\((?!https?:|#)(?P<target>[^)#]+)")
FILE = re.compile(r"`(?P<path>(?:couchmapper|tests|scripts|examples|benchmarks|docs|cassettes)/[\w./-]*)`")


def place(page: Path) -> str:
    return page.relative_to(ROOT).as_posix()


@pytest.mark.parametrize("page", PAGES, ids=place)
def test_links_lead_somewhere(page: Path):
    targets = {found["target"] for found in LINK.finditer(page.read_text(encoding="utf-8"))}

    assert not [target for target in targets if not (page.parent / target).exists()]


@pytest.mark.parametrize("page", PAGES, ids=place)
def test_files_that_are_named_exist(page: Path):
    paths = {found["path"] for found in FILE.finditer(page.read_text(encoding="utf-8"))}

    assert not [path for path in paths if not (ROOT / path).exists()]
