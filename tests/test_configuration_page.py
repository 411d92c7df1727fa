"""The page about configuration lists the properties that there are, and its file is read as it says."""

import os
import re
import runpy
import subprocess
import sys
from pathlib import Path

from couchmapper.auth.credentials_file import parse
from couchmapper.auth.kinds import KINDS
from couchmapper.auth.properties import PROPERTIES

ROOT = Path(__file__).parent.parent
PAGE = (ROOT / "docs" / "configuration.md").read_text(encoding="utf-8")


def test_the_tables_of_the_page_are_current():
    script = runpy.run_path(str(ROOT / "scripts" / "property_table.py"))

    assert script["page_with"](script["tables"](), PAGE) == PAGE, (
        "run .venv/bin/python scripts/property_table.py"
    )


def test_the_code_of_the_page_runs(tmp_path: Path):
    (code,) = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)
    (tmp_path / "page.py").write_text(code, encoding="utf-8")
    own = {"CLOUDANT_URL": "memory:", "ORDERS_URL": "https://h", "ORDERS_APIKEY": "k", "HOME": str(tmp_path)}
    others = {
        name: text for name, text in os.environ.items() if not name.startswith(("CLOUDANT", "IBM", "VCAP"))
    }

    subprocess.run([sys.executable, "page.py"], cwd=tmp_path, env={**others, **own}, check=True)


def test_every_property_and_kind_is_on_the_page():
    assert PROPERTIES.keys() <= set(re.findall(r"^\| `(\w+)` \|", PAGE, re.MULTILINE))
    assert not [kind for kind in KINDS if kind not in PAGE]


def test_the_credentials_file_of_the_page_is_read_as_it_says():
    (file,) = re.findall(r"```sh\n(# comments.*?)```", PAGE, re.DOTALL)

    assert {line.name: line.text for line in parse(file)} == {
        "CLOUDANT_URL": "https://abc.cloudantnosqldb.appdomain.cloud",
        "CLOUDANT_APIKEY": 'in single quotes, all is as it is: # = " \\n',
        "CLOUDANT_PASSWORD": 'in double quotes, " and \\ are a quote and a backslash',
        "CLOUDANT_SCOPE": "without quotes, a value ends at the comment",
    }
