"""What is recorded of a server holds none of its secrets."""

import re
from pathlib import Path

import pytest

CASSETTES = Path(__file__).parent.parent / "cassettes"

SECRETS = {
    "credentials in a URL": r"https?://(?!admin:scrubbed@couchdb\.test)[^/@\s\"']*@",
    "a password": r"""password["']?:\s*["'](?!scrubbed["'])""",
    "a session": r"AuthSession=(?!scrubbed;|;)",
    "a header with credentials": r"(?i)^\s*(authorization|cookie):",
    "a hashed password": r"derived_key|-pbkdf2",
    "a host": r"https?://(?!couchdb\.test|admin:scrubbed@|[ab]\.test|docs\.couchdb\.org)[\w.-]+:\d+",
}


@pytest.mark.parametrize("secret", SECRETS)
def test_a_cassette_holds_no_secret(secret: str):
    holding = [
        path.relative_to(CASSETTES).as_posix()
        for path in sorted(CASSETTES.rglob("*.yaml"))
        if re.search(SECRETS[secret], path.read_text(encoding="utf-8"), re.MULTILINE)
    ]

    assert not holding
