import pytest

from couchmapper.embedded.call import Call
from couchmapper.embedded.routing import Route, Router
from couchmapper.exceptions import MethodNotAllowed, NotFound, NotImplementedByStore
from couchmapper.messages import Response


def answer(_call: Call) -> Response:
    return Response(status=200)


def test_what_stands_in_braces_is_found():
    router = Router([Route("GET", "/{db}/{doc_id}", answer)])

    assert router.find("GET", ("shop", "a/b")) == (answer, {"db": "shop", "doc_id": "a/b"})


def test_a_literal_segment_wins():
    def other(_call: Call) -> Response:
        return Response(status=201)

    router = Router([Route("GET", "/{db}/{doc_id}", answer), Route("GET", "/{db}/_changes", other)])

    assert router.find("GET", ("shop", "_changes"))[0] is other


def test_a_literal_segment_that_leads_nowhere_does_not_win():
    router = Router([Route("GET", "/{db}/{doc_id}", answer), Route("GET", "/{db}/_design/{design}", answer)])

    assert router.find("GET", ("shop", "_design"))[1] == {"db": "shop", "doc_id": "_design"}


def test_a_star_takes_all_that_is_left():
    router = Router([Route("GET", "/{db}/{doc_id}/{attachment*}", answer)])

    assert router.find("GET", ("shop", "a", "b", "c"))[1]["attachment"] == "b/c"


@pytest.mark.parametrize("path", [("shop", "_design/d"), ("shop", "_design", "d")])
def test_a_design_document_is_one_segment_or_two(path: tuple[str, ...]):
    router = Router([Route("GET", "/{db}/_design/{design}", answer)])

    assert router.find("GET", path)[1] == {"db": "shop", "design": "d"}


def test_a_document_id_may_only_look_like_two_segments():
    router = Router([Route("GET", "/{db}/{doc_id}", answer)])

    assert router.find("GET", ("shop", "_other/d"))[1]["doc_id"] == "_other/d"


def test_get_answers_for_head():
    assert Router([Route("GET", "/", answer)]).find("HEAD", ())[0] is answer


def test_a_wrong_method_is_told_the_right_ones():
    router = Router([Route("PUT", "/{db}", answer), Route("GET", "/{db}", answer)])

    with pytest.raises(MethodNotAllowed, match="Only PUT,GET,HEAD allowed"):
        router.find("DELETE", ("shop",))


def test_a_path_that_is_in_no_route_is_missing():
    with pytest.raises(NotFound, match="missing"):
        Router([Route("GET", "/_up", answer)]).find("GET", ("_down",))


def test_a_route_without_an_answer_says_its_name():
    with pytest.raises(NotImplementedByStore, match=r"POST /\{db\}/_purge has no answer"):
        Router([Route("*", "/{db}/_purge", None)]).find("POST", ("shop", "_purge"))
