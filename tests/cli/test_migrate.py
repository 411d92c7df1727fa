"""`couchmapper migrate` finds model and database, shows the progress, and tells in the end what is left."""

import io
import subprocess
import sys
from pathlib import Path

import attrs
import pytest

from couchmapper.cli import main
from couchmapper.cli.migrate import address
from couchmapper.cli.models import find_model, importable
from couchmapper.cli.progress import showing
from couchmapper.cli.surroundings import Surroundings
from couchmapper.connect import connect
from couchmapper.exceptions import ConfigurationError, CouchMapperError
from couchmapper.session.progress import MigrationProgress

MODELS = """
from couchmapper import Document, Mapped

class Person(Document, version=2):
    first: Mapped[str]
    last: Mapped[str]

class Plain(Document):
    pass

@Person.upcast(1, 2)
def split_name(json):
    if json["name"] == "stop":
        raise KeyboardInterrupt
    json["first"], json["last"] = json.pop("name").split()
    return json
"""


class Terminal(io.StringIO):
    """Text that was written on a terminal."""

    def isatty(self) -> bool:
        return True


@attrs.frozen
class Outcome:
    """What a command has left behind."""

    status: int
    output: str
    errors: str


@attrs.frozen
class Shop:
    """A directory with a module of models, and a store with a database `people`."""

    directory: Path
    module: str

    @property
    def url(self) -> str:
        return f"sqlite:///{self.directory / 'shop.db'}"

    def store(self, **names: str) -> None:
        people = [{"_id": key, "type": "person", "name": name} for key, name in names.items()]
        with connect(self.url) as client:
            client.database("people", create=True).bulk.docs(people)

    def versions(self) -> list[int | None]:
        with connect(self.url) as client:
            rows = client.database("people").bulk.all_docs(include_docs=True)["rows"]
        return [row["doc"].get("schema_version") for row in rows]

    def migrate(self, *arguments: str, output: io.StringIO | None = None) -> Outcome:
        return run(self.directory, f"{self.module}:Person", "--url", self.url, *arguments, output=output)


@pytest.fixture
def shop(tmp_path: Path) -> Shop:
    module = f"models_of_{tmp_path.name}"  # one for each test: Python keeps what it has imported
    (tmp_path / f"{module}.py").write_text(MODELS)
    return Shop(tmp_path, module)


def run(cwd: Path, *arguments: str, output: io.StringIO | None = None) -> Outcome:
    output, errors = output or io.StringIO(), io.StringIO()
    surroundings = Surroundings(environ={}, cwd=cwd, output=output, errors=errors)
    status = main(["migrate", *arguments], surroundings)
    return Outcome(status, output.getvalue(), errors.getvalue())


def test_documents_are_rewritten_and_counted(shop: Shop):
    shop.store(a="Ann Lee", b="Bo Ek", c="Cy Fox")

    done = shop.migrate("--database", "people", "--batch", "2")

    assert done == Outcome(
        0,
        "2 of 3 documents\n3 of 3 documents\n3 rewritten\n  person: 3 from version 1 to 2\n",
        "",
    )
    assert shop.versions() == [2, 2, 2]


def test_nothing_to_do_is_told(shop: Shop):
    shop.store()

    assert shop.migrate("--database", "people") == Outcome(0, "0 rewritten\n", "")


def test_a_dry_run_says_what_would_be_rewritten(shop: Shop):
    shop.store(a="Ann Lee", b="Bo Ek")

    done = shop.migrate("--database", "people", "--dry-run")

    assert done.output.endswith("2 would be rewritten\n  person: 2 from version 1 to 2\n")
    assert shop.versions() == [None, None]


def test_what_does_not_fit_is_listed_and_the_status_is_1(shop: Shop):
    shop.store(a="Ann Lee", b="Bo")

    done = shop.migrate("--database", "people")

    assert done.status == 1
    assert done.output.endswith(
        "1 left as they were\n"
        "  b: Person 'b' has 1 fault(s):\n"
        "    the step split_name (1 to 2) raised ValueError: not enough values to unpack"
        " (expected 2, got 1)\n"
    )
    assert shop.versions() == [2, None]


def test_an_interrupted_run_tells_how_to_go_on_and_does(shop: Shop):
    shop.store(a="Ann Lee", b="Bo", c="stop")

    first = shop.migrate("--database", "people", "--batch", "2")
    shop.store(d="Di Fox")
    with connect(shop.url) as client:
        people = client.database("people").documents
        people.put({**people.get("c"), "name": "Cy Fox"})
    second = shop.migrate("--database", "people", "--resume")

    assert (first.status, first.errors) == (130, "interrupted; go on with --resume\n")
    assert "1 rewritten\n" in first.output
    assert "  b: Person 'b' has 1 fault(s):\n" in first.output
    assert second == Outcome(
        1,
        "2 of 4 documents\n4 of 4 documents\n3 rewritten\n  person: 3 from version 1 to 2\n"
        "1 left as they were\n  and 1 that the interrupted run listed\n",
        "",
    )


def test_an_interrupted_dry_run_has_nothing_to_go_on_with(shop: Shop):
    shop.store(a="stop")

    assert shop.migrate("--database", "people", "--dry-run").errors == "interrupted\n"


def test_a_missing_database_is_told(shop: Shop):
    done = shop.migrate("--database", "other")

    assert (done.status, done.output) == (2, "")
    assert "Database does not exist" in done.errors


def test_a_model_without_version_is_told(shop: Shop):
    done = run(shop.directory, f"{shop.module}:Plain", "--url", shop.url, "--database", "people")

    assert (done.status, done.errors) == (
        2,
        "couchmapper: Plain has no version to migrate to; declare it with version=...\n",
    )


def test_without_a_url_the_store_is_as_it_is_configured(shop: Shop):
    shop.store(a="Ann Lee")
    output = io.StringIO()
    surroundings = Surroundings(environ={"CLOUDANT_URL": shop.url}, cwd=shop.directory, output=output)

    assert main(["migrate", f"{shop.module}:Person", "--database", "people"], surroundings) == 0
    assert shop.versions() == [2]


def test_it_runs_as_a_program(shop: Shop):
    shop.store(a="Ann Lee")
    arguments = ["migrate", f"{shop.module}:Person", "--url", shop.url, "--database", "people"]

    done = subprocess.run(
        [sys.executable, "-m", "couchmapper", *arguments],
        cwd=shop.directory,
        capture_output=True,
        text=True,
        check=False,
    )

    assert (done.returncode, done.stderr) == (0, "")
    assert shop.versions() == [2]


# Where the database is


@pytest.mark.parametrize(
    ("url", "database", "expected"),
    [
        ("http://ann:p%2Fw@h:5984/shop", None, ("http://ann:p%2Fw@h:5984", "shop")),
        ("https://h/couch/shop/", None, ("https://h/couch", "shop")),
        ("http://h/a%2Fb", None, ("http://h", "a/b")),
        ("http://h/couch", "shop", ("http://h/couch", "shop")),
        ("memory:", "shop", ("memory:", "shop")),
        (None, "shop", (None, "shop")),
    ],
)
def test_the_database_is_named_apart_or_by_the_url(
    url: str | None, database: str | None, expected: tuple[str | None, str]
):
    assert address(url, database) == expected


@pytest.mark.parametrize(
    "url",
    [None, "http://u:s3cr3t@h", "http://h/", "sqlite:///shop.db", "memory:", "u:s3cr3t@h", "http://[s3cr3t"],
)
def test_a_database_that_nobody_names_is_asked_for(url: str | None):
    with pytest.raises(ConfigurationError) as caught:
        address(url, None)

    assert "--database" in str(caught.value) or "names no store" in str(caught.value)
    assert "s3cr3t" not in str(caught.value)


# Where the model is


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("shop", "expected MODULE:Model, such as shop.models:Order, got 'shop'"),
        (":Order", "expected MODULE:Model"),
        ("nowhere.models:Order", "the module 'nowhere.models' cannot be imported: there is no such module"),
        (".models:Order", "the module '.models' cannot be imported: TypeError"),
        ("broken_models:Order", "the module 'broken_models' cannot be imported: ZeroDivisionError: no"),
        ("half_models:Order", "the module 'half_models' cannot be imported: ModuleNotFoundError: No module"),
        ("fine_models:Ordr", "the module fine_models has no model 'Ordr'; its models are: Order"),
        ("fine_models:size", "the module fine_models has no model 'size'"),
        ("fine_models:Document", "the module fine_models has no model 'Document'"),
        ("json:Order", "the module json has no model 'Order'; its models are: none"),
    ],
)
def test_a_model_that_is_not_found_is_told(tmp_path: Path, name: str, told: str):
    (tmp_path / "broken_models.py").write_text("raise ZeroDivisionError('no')")
    (tmp_path / "half_models.py").write_text("import nowhere_at_all")
    (tmp_path / "fine_models.py").write_text(
        "from couchmapper import Document\nsize = 5\n\nclass Order(Document):\n    pass\n"
    )

    with importable(tmp_path), pytest.raises(ConfigurationError) as caught:
        find_model(name)

    assert told in str(caught.value)


def test_an_error_of_our_own_while_a_model_is_declared_is_told_as_it_is(tmp_path: Path):
    (tmp_path / "wrong_models.py").write_text(
        "from couchmapper import Document\n\nclass Order(Document, version=0):\n    pass\n"
    )

    with importable(tmp_path), pytest.raises(CouchMapperError, match="version= is a whole number"):
        find_model("wrong_models:Order")


def test_the_path_is_as_it_was_afterwards(tmp_path: Path):
    before = list(sys.path)

    with importable(tmp_path):
        assert sys.path[0] == str(tmp_path)
    assert sys.path == before


@pytest.mark.parametrize("batch", ["0", "-1", "many"])
def test_a_batch_is_a_number_of_documents(batch: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    with pytest.raises(SystemExit):
        run(tmp_path, "shop:Order", "--batch", batch)

    assert "--batch" in capsys.readouterr().err


# How the progress is shown


def test_a_terminal_shows_a_bar(shop: Shop):
    shop.store(a="Ann Lee", b="Bo Ek")

    done = shop.migrate("--database", "people", output=Terminal())

    assert "2/2" in done.output
    assert "2 rewritten" in done.output
    assert "2 of 2 documents" not in done.output


def test_without_the_extra_a_terminal_shows_lines():
    program = (
        "import sys; sys.modules['rich'] = None\n"
        "from couchmapper.cli.progress import showing\n"
        "from couchmapper.session.progress import MigrationProgress\n"
        "sys.stdout.isatty = lambda: True\n"
        "with showing(sys.stdout) as show: show(MigrationProgress(seen=3, total=5))\n"
    )

    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)

    assert done.stdout == "3 of 5 documents\n"


def test_documents_that_came_meanwhile_count():
    output = io.StringIO()

    with showing(output) as show:
        show(MigrationProgress(seen=7, total=5))

    assert output.getvalue() == "7 of 7 documents\n"
