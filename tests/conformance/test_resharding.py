import pytest

from couchmapper.exceptions import BadRequest, NotFound

pytestmark = pytest.mark.stores("couchdb")


def test_the_summary_counts_jobs(client):
    summary = client.resharding.summary()

    assert summary.keys() >= {"state", "completed", "failed", "running", "stopped", "total"}


def test_resharding_has_a_state(client):
    assert client.resharding.state()["state"] in {"running", "stopped"}


def test_jobs_are_listed(client):
    jobs = client.resharding.jobs()

    assert jobs["total_rows"] == len(jobs["jobs"])


@pytest.mark.parametrize("ask", ["job", "job_state", "delete_job"])
def test_a_job_that_is_not_there_is_not_found(client, ask):
    with pytest.raises(NotFound):
        getattr(client.resharding, ask)("001-none")


def test_a_job_that_is_not_there_cannot_be_stopped(client):
    with pytest.raises(NotFound):
        client.resharding.set_job_state("001-none", "stopped", reason="test")


@pytest.mark.parametrize("state", ["paused", ""])
def test_a_state_that_there_is_not_is_refused(client, state):
    with pytest.raises(BadRequest):
        client.resharding.set_state(state)


def test_a_database_that_is_not_there_has_no_shards_to_split(client, database_name):
    with pytest.raises(BadRequest):
        client.resharding.create_jobs(db=database_name)
