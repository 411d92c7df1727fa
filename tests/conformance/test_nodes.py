import pytest

from couchmapper.exceptions import BadRequest, NotFound

pytestmark = pytest.mark.stores("couchdb")

SECTION = "couchmapper_test"


@pytest.fixture
def nodes(client):
    """Give the chapter; what a test configures is forgotten in the end."""
    yield client.nodes
    for key in client.nodes.configuration_section(SECTION):
        client.nodes.delete_configuration(SECTION, key, persist=False)


def test_the_node_that_answers_belongs_to_the_cluster(nodes):
    membership = nodes.membership()

    assert nodes.name() in membership["cluster_nodes"]
    assert set(membership["cluster_nodes"]) <= set(membership["all_nodes"])


def test_a_value_is_set_and_the_old_one_told(nodes):
    assert nodes.configure(SECTION, "a/b", "1", persist=False) == ""
    assert nodes.configure(SECTION, "a/b", "2", persist=False) == "1"
    assert nodes.configuration_value(SECTION, "a/b") == "2"
    assert nodes.configuration_section(SECTION) == {"a/b": "2"}
    assert nodes.delete_configuration(SECTION, "a/b", persist=False) == "2"


def test_a_value_that_is_not_set_is_not_found(nodes):
    with pytest.raises(NotFound):
        nodes.configuration_value(SECTION, "a")
    with pytest.raises(NotFound):
        nodes.delete_configuration(SECTION, "a", persist=False)


def test_a_section_without_values_is_empty(nodes):
    assert nodes.configuration_section(SECTION) == {}


def test_a_node_is_asked_by_its_name(nodes):
    nodes.configure(SECTION, "a", "1", persist=False, node=nodes.name())

    assert nodes.configuration_section(SECTION) == {"a": "1"}


def test_a_node_that_is_not_there_is_not_found(nodes):
    with pytest.raises(NotFound):
        nodes.system(node="couchdb@nowhere")


def test_statistics_are_a_tree_of_measurements(nodes):
    (name,) = nodes.statistics("couchdb", "httpd").keys() & {"requests"}

    assert nodes.statistics("couchdb", "httpd", name)["type"] == "counter"


def test_a_measurement_that_is_not_taken_is_none(nodes):
    assert nodes.statistics("couchdb", "nothing") is None


def test_prometheus_reads_text(nodes):
    assert "# TYPE couchdb_uptime_seconds" in nodes.prometheus()


def test_a_node_tells_about_itself(nodes):
    assert nodes.system()["uptime"] > 0
    assert nodes.versions()["collation_driver"]["name"] == "libicu"
    assert "ratio_dbs" in nodes.smoosh()["channels"]


def test_a_node_that_runs_is_set_up(nodes):
    assert nodes.setup_state() in {"single_node_enabled", "cluster_finished", "cluster_enabled"}
    assert nodes.setup_state(ensure_dbs_exist=["_users"])


def test_a_step_that_there_is_not_is_refused(nodes):
    with pytest.raises(BadRequest):
        nodes.setup("paint_it_green")


def test_the_documents_of_a_node_name_the_cluster(nodes):
    name = nodes.name()

    assert nodes.documents("_nodes").get(name)["_id"] == name
