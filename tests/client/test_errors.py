from collections.abc import Mapping

import pytest

from couchmapper import exceptions
from couchmapper.client.errors import check, decode, revision
from couchmapper.exceptions import InvalidAnswer, ResponseError
from couchmapper.messages import Request, Response
from couchmapper.transport.mock import json_response

DOCUMENT = Request(method="GET", path=("shop", "a"), route="/{db}/{doc_id}")
HTML = {"content-type": "text/html"}


def raised(response: Response, request: Request = DOCUMENT) -> ResponseError:
    with pytest.raises(ResponseError) as caught:
        check(request, response)
    return caught.value


@pytest.mark.parametrize(
    ("status", "error", "reason", "kind"),
    [
        (400, "bad_request", "invalid UTF-8 JSON", "BadRequest"),
        (400, "illegal_database_name", "Name: 'X'.", "IllegalDatabaseName"),
        (400, "database_name_too_long", "too long", "IllegalDatabaseName"),
        (400, "illegal_docid", "Document id must not be empty", "IllegalDocumentId"),
        (400, "invalid_selector_json", "Selector must be", "InvalidSelector"),
        (400, "invalid_selector", "One or more conditions", "InvalidSelector"),
        (400, "invalid_operator", "Invalid operator: $foo", "InvalidSelector"),
        (400, "bad_arg", "Bad argument for operator $in: 1", "InvalidSelector"),
        (400, "not_supported", "$where", "InvalidSelector"),
        (400, "no_usable_index", "No index exists for this sort", "NoUsableIndex"),
        (400, "bad_request", "database is not partitioned", "NotPartitioned"),
        (400, "query_parse_error", "Invalid boolean", "BadRequest"),
        (401, "unauthorized", "Name or password is incorrect.", "Unauthorized"),
        (403, "forbidden", "no", "Forbidden"),
        (404, "not_found", "Database does not exist.", "DatabaseNotFound"),
        (404, "not_found", "missing", "DocumentNotFound"),
        (404, "not_found", "deleted", "DocumentNotFound"),
        (404, "not_found", "missing_named_view", "NotFound"),
        (405, "method_not_allowed", "Only GET allowed", "MethodNotAllowed"),
        (406, "not_acceptable", "", "NotAcceptable"),
        (409, "conflict", "Document update conflict.", "DocumentConflict"),
        (410, "gone", "Temporary views are not supported in CouchDB", "Gone"),
        (412, "file_exists", "the file already exists.", "DatabaseExists"),
        (412, "missing_stub", "Invalid attachment stub", "MissingStub"),
        (413, "document_too_large", "id", "TooLarge"),
        (414, "too_long", "", "URITooLong"),
        (415, "bad_content_type", "Content-Type must be", "UnsupportedMediaType"),
        (416, "requested_range_not_satisfiable", "", "RangeNotSatisfiable"),
        (417, "expectation_failed", "", "ExpectationFailed"),
        (418, "teapot", "", "ResponseError"),
        (429, "too_many_requests", "wait", "TooManyRequests"),
        (500, "unknown_error", "badarg", "ServerError"),
        (501, "not_implemented", "_search", "NotImplementedByStore"),
        (502, "bad_gateway", "", "BadGateway"),
        (503, "service unavailable", "search", "ServiceUnavailable"),
        (504, "gateway_timeout", "", "GatewayTimeout"),
        (599, "whatever", "", "ServerError"),
    ],
)
def test_an_answer_has_its_class(status, error, reason, kind):
    told = raised(json_response({"error": error, "reason": reason}, status=status))

    assert type(told) is getattr(exceptions, kind)
    assert (told.status, told.error, told.reason) == (status, error, reason)


def test_a_head_answer_without_a_body_is_told_by_its_route():
    missing = Response(status=404)
    head_database = Request(method="HEAD", path=("shop",), route="/{db}")
    head_document = Request(method="HEAD", path=("shop", "a"), route="/{db}/{doc_id}")

    assert type(raised(missing, head_database)) is exceptions.DatabaseNotFound
    assert type(raised(missing, head_document)) is exceptions.DocumentNotFound


def test_the_message_names_the_method_and_the_document():
    told = raised(json_response({"error": "not_found", "reason": "missing"}, status=404))

    assert str(told) == "GET /shop/a: 404 not_found: missing"
    assert told.body == {"error": "not_found", "reason": "missing"}


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (401, "Unauthorized"),
        (404, "NotFound"),
        (502, "BadGateway"),
        (503, "ServiceUnavailable"),
        (520, "ServerError"),
    ],
)
def test_a_proxys_page_has_the_class_of_its_status(status, kind):
    told = raised(Response(status=status, headers=HTML, body=b"<html>hidden</html>"))

    assert type(told) is getattr(exceptions, kind)
    assert "not CouchDB's: text/html, 19 bytes" in str(told)
    assert "hidden" not in str(told)


@pytest.mark.parametrize("body", [["x"], "x", 5, None, {}, {"error": None, "reason": 1}])
def test_json_of_another_shape_is_an_error_of_its_status(body):
    assert type(raised(json_response(body, status=500))) is exceptions.ServerError


def test_a_page_where_json_was_promised_is_an_invalid_answer():
    with pytest.raises(InvalidAnswer, match=r"GET /shop/a: .*text/html, 13 bytes.*proxy") as caught:
        decode(DOCUMENT, Response(status=200, headers=HTML, body=b"<html></html>"))

    assert isinstance(caught.value.__cause__, exceptions.InvalidJSON)


@pytest.mark.parametrize("headers", [{"etag": '"1-abc"'}, {"etag": 'W/"1-abc"'}])
def test_the_revision_is_the_etag(headers: Mapping[str, str]):
    assert revision(Response(status=200, headers=headers)) == "1-abc"


def test_an_answer_without_an_etag_is_not_couchdbs():
    with pytest.raises(InvalidAnswer, match="ETag"):
        revision(Response(status=200))
