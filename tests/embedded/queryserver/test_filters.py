"""Filter and validation functions in JavaScript."""

import pytest

from couchmapper.embedded.queryserver.filters import JavaScriptFilter, JavaScriptValidation
from couchmapper.exceptions import Forbidden, ServerError, Unauthorized

USER = {"db": "shop", "name": "ann", "roles": []}


def check(source: str, new: object = None, design: dict[str, object] | None = None) -> None:
    JavaScriptValidation(source, design=design or {}).check(new or {"_id": "a"}, None, user=USER, security={})


def test_a_filter_decides_about_each_document():
    passes = JavaScriptFilter("function (doc, req) { return doc.n > req.query.least }", design={}).passes

    assert passes([b'{"n":1}', b'{"n":3}'], {"query": {"least": "2"}}) == [False, True]


def test_a_filter_may_require_modules_of_its_design_document():
    design = {"lib": {"rule": "exports.f = doc => doc.ok"}}
    source = "function (doc) { return require('lib/rule').f(doc) }"

    assert JavaScriptFilter(source, design=design).passes([b'{"ok":1}', b"{}"], {}) == [True, False]


def test_a_validation_that_throws_nothing_accepts():
    check("function (newDoc, oldDoc, user, security) { if (user.name !== 'ann') throw {forbidden: 'no'} }")


def test_a_validation_refuses():
    with pytest.raises(Forbidden, match="not you"):
        check("function () { throw {forbidden: 'not you'} }")


def test_a_validation_asks_for_a_login():
    with pytest.raises(Unauthorized, match="who are you"):
        check("function () { throw {unauthorized: 'who are you'} }")


def test_a_validation_that_fails_is_a_fault_of_the_server():
    with pytest.raises(ServerError):
        check("function (newDoc) { return newDoc.none.deep }")
