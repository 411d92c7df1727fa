import subprocess
import sys

from couchmapper.client import Client
from couchmapper.client.chapters import Chapter
from couchmapper.transport.mock import MockTransport, json_response

CLIENT = Client(MockTransport(lambda _: json_response({})))


def test_a_chapter_is_made_once_in_its_place():
    shop = CLIENT.database("shop")

    assert shop.attachments is shop.attachments
    assert shop.attachments.head.request("a", "b").path == ("shop", "a", "b")


def test_each_database_has_chapters_of_its_own():
    shop, house = CLIENT.database("shop"), CLIENT.database("house")

    assert [one.security.get.request().path[0] for one in (shop, house)] == ["shop", "house"]


def test_on_the_class_it_is_the_declaration():
    assert isinstance(Client.nodes, Chapter)


def test_what_no_program_asked_for_is_not_imported():
    rare = ["attachments", "multipart_documents", "nodes", "replication", "resharding", "cloudant", "search"]
    program = "import sys, couchmapper; print(*(name for name in sys.modules if 'couchmapper' in name))"

    told = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True).stdout

    assert not {f"couchmapper.client.{name}" for name in rare} & set(told.split())
    assert not {"couchmapper.transport.http", "couchmapper.auth.configuration"} & set(told.split())
