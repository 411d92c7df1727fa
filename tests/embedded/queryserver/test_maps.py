"""Map functions in JavaScript, as CouchDB runs them."""

import json
import subprocess
import sys
from typing import Any

import pytest

from couchmapper.embedded.queryserver.maps import JavaScriptMaps
from couchmapper.embedded.queryserver.sandbox import Limits, TimedOut
from couchmapper.exceptions import BadRequest, NotFound, ServerError


def rows(source: str, *documents: dict[str, Any], library: dict[str, Any] | None = None) -> list[Any]:
    """Return what one map function emits over some documents."""
    maps = JavaScriptMaps([source], library=library)
    texts = [json.dumps(document).encode() for document in documents or ({"_id": "a"},)]
    return [[json.loads(key), json.loads(value)] for (found,) in maps.map(texts) for key, value in found]


@pytest.mark.parametrize(
    "source",
    [
        "function(doc){emit(doc._id)}",
        " \n function (doc) {\n emit(doc._id)\n}\n;\n",
        "(function(doc){emit(doc._id)})",
        "doc => emit(doc._id)",
        "// says why\nfunction(doc){emit(doc._id)} // and how",
        "/* é日本 */ function(doc){emit(doc._id)}",
        "function helper(doc) { return doc._id }; function(doc){emit(helper(doc))}",
        "var member = '_id'; function(doc){emit(doc[member])}",
        "const f = doc => emit(doc._id); f;",
    ],
)
def test_every_form_of_a_function_that_couchdb_takes_runs(source: str):
    assert rows(source, {"_id": "x"}) == [["x", None]]


@pytest.mark.parametrize(
    "source",
    [
        "function(doc){",
        "function named(doc){emit(1)}",
        "1",
        "({a: 1})",
        "async function(doc){emit(1)}",
        "var x = function(doc){emit(1)}",
        "return function(doc){emit(1)}",
        "missing.member",
    ],
)
def test_what_is_no_function_does_not_compile(source: str):
    with pytest.raises(BadRequest) as caught:
        JavaScriptMaps([source])

    assert caught.value.error == "compilation_error"


def test_an_empty_text_is_a_missing_function():
    with pytest.raises(NotFound, match="missing function"):
        JavaScriptMaps([""])


def test_undefined_and_what_json_lacks_are_null():
    assert (
        rows("function(doc){emit(); emit(NaN, Infinity); emit(doc.none, function(){})}") == [[None, None]] * 3
    )


def test_dates_and_errors_are_shown():
    source = "function(doc){emit(new Date(0), new TypeError('why'))}"

    assert rows(source) == [["1970-01-01T00:00:00.000Z", {"error": "TypeError", "message": "why"}]]


def test_half_a_surrogate_pair_becomes_the_replacement_character():
    assert rows(r"function(doc){emit('\ud800', '\\ud800')}") == [["\ufffd", "\\ud800"]]


def test_the_document_cannot_be_changed():
    source = "function(doc){doc.a = 2; delete doc.a; doc.b = 1; doc.deep.x = 2; emit(doc.a, doc)}"

    assert rows(source, {"_id": "x", "a": 1, "deep": {"x": 1}}) == [
        [1, {"_id": "x", "a": 1, "deep": {"x": 1}}]
    ]


def test_a_function_that_throws_emits_nothing_for_that_document():
    source = "function(doc){emit(1); if (doc._id === 'bad') throw 'no'}"

    assert rows(source, {"_id": "bad"}, {"_id": "good"}) == [[1, None]]


def test_functions_of_one_design_document_do_not_disturb_each_other():
    maps = JavaScriptMaps(["var x = 1; function(doc){throw x}", "var x = 2; function(doc){emit(x)}"])

    assert list(maps.map([b'{"_id":"a"}'])) == [[[], [(b"2", b"null")]]]


def test_fatal_errors_stop_the_build():
    with pytest.raises(ServerError) as caught:
        rows("function(doc){throw ['fatal', 'code', 'reason']}")

    assert (caught.value.error, caught.value.reason) == ("code", "reason")


def test_modules_of_the_library_are_found():
    library = {"one": "exports.f = () => 1", "deep": {"two": "exports.f = () => require('../one').f() + 1"}}

    assert rows("function(doc){emit(require('views/lib/deep/two').f())}", library=library) == [[2, None]]


def test_a_missing_module_costs_the_row():
    assert rows("function(doc){emit(require('views/lib/none'))}") == []


def test_the_helpers_are_there():
    source = "function(doc){log('said'); emit(sum([1, 2]), [isArray([]), isArray({}), toJSON({a: 1})])}"

    assert rows(source) == [[3, [True, False, '{"a":1}']]]


@pytest.mark.parametrize("name", ["Promise", "Proxy", "Uint8Array", "console", "sandbox", "process", "std"])
def test_what_couchdb_lacks_is_not_there(name: str):
    assert rows(f"function(doc){{emit(typeof {name})}}") == [["undefined", None]]


def test_an_endless_loop_ends():
    maps = JavaScriptMaps(["function(doc){while (doc.loop) {}}"], limits=Limits(seconds=0.05))

    with pytest.raises(TimedOut):
        list(maps.map([b'{"_id":"a"}', b'{"_id":"b","loop":true}']))


def test_slow_documents_have_the_time_each_by_itself():
    source = "function(doc){var end = Date.now() + 30; while (Date.now() < end) {} emit(1)}"
    maps = JavaScriptMaps([source], limits=Limits(seconds=0.1))

    assert len(list(maps.map([b'{"_id":"a"}'] * 6))) == 6


def test_memory_is_bounded():
    source = "function(doc){var all = []; while (true) all.push(new Array(1000).fill(1))}"

    with pytest.raises(ServerError, match="out of memory"):
        list(JavaScriptMaps([source], limits=Limits(memory=16_000_000)).map([b'{"_id":"a"}']))


def test_without_the_engine_the_extra_is_named():
    program = (
        "import sys; sys.modules['quickjs'] = None\n"
        "from couchmapper.embedded.queryserver.maps import JavaScriptMaps\n"
        "JavaScriptMaps(['doc => emit(1)'])"
    )

    ended = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)

    assert (
        'MissingExtra: JavaScript functions need quickjs-ng: pip install "couchmapper[embedded]"'
        in ended.stderr
    )
