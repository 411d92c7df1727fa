import subprocess
import sys
import time

import jwt
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from hypothesis import given
from hypothesis import strategies as st

from couchmapper.auth.base import AuthTransport
from couchmapper.auth.jwt import JWTAuth, Mint
from couchmapper.exceptions import ConfigurationError
from couchmapper.messages import Request, Response
from couchmapper.streams import Upload
from couchmapper.transport.mock import MockTransport, json_response

READ = Request(method="GET", path=("db",), route="/{db}")
SECRET = b"a shared secret of 64 bytes, which is as long as HS512 likes it."
CURVES = {"ES256": ec.SECP256R1(), "ES384": ec.SECP384R1(), "ES512": ec.SECP521R1()}
RSA = rsa.generate_private_key(public_exponent=65537, key_size=2048)
KEYS = {
    **dict.fromkeys(("RS256", "RS384", "RS512"), RSA),
    **{name: ec.generate_private_key(curve) for name, curve in CURVES.items()},
}


def pem(key: rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey) -> bytes:
    return key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )


def sent(auth: JWTAuth, **answer: int) -> list[str]:
    inner = MockTransport(lambda _: json_response({}, **answer))
    AuthTransport(inner, auth).send(READ)
    return [request.headers["Authorization"].removeprefix("Bearer ") for request in inner.requests]


def test_a_ready_token_is_sent_as_it_is():
    assert sent(JWTAuth("a.b.c")) == ["a.b.c"]
    assert sent(JWTAuth(lambda: "d.e.f")) == ["d.e.f"]


def test_a_minted_token_says_who_with_which_roles_and_until_when():
    mint = Mint(
        "ann", SECRET, roles=["reader"], issuer="shop", key_id="k1", lifetime=60, clock=lambda: 1000.7
    )

    (token,) = sent(JWTAuth(mint))

    claims = jwt.decode(
        token, SECRET, ["HS256"], issuer="shop", options={"verify_exp": False, "verify_iat": False}
    )
    assert claims == {"sub": "ann", "_couchdb.roles": ["reader"], "iss": "shop", "iat": 1000, "exp": 1060}
    assert jwt.get_unverified_header(token) == {"alg": "HS256", "typ": "JWT", "kid": "k1"}


@pytest.mark.parametrize("algorithm", ["HS256", "HS384", "HS512"])
def test_shared_secrets_sign(algorithm):
    (token,) = sent(JWTAuth(Mint("ann", SECRET.decode(), algorithm=algorithm)))

    assert jwt.decode(token, SECRET, [algorithm])["sub"] == "ann"


@pytest.mark.parametrize("algorithm", list(KEYS))
def test_private_keys_sign(algorithm):
    (token,) = sent(JWTAuth(Mint("ann", pem(KEYS[algorithm]), algorithm=algorithm)))

    assert jwt.decode(token, KEYS[algorithm].public_key(), [algorithm])["sub"] == "ann"


@given(username=st.text(min_size=1), key=st.binary(min_size=64), roles=st.lists(st.text(min_size=1)))
def test_what_is_minted_is_what_another_library_reads(username, key, roles):
    token = Mint(username, key, roles=roles).token()

    claims = jwt.decode(token.text, key, ["HS256"])
    assert (claims["sub"], claims["_couchdb.roles"]) == (username, roles)


def test_a_token_serves_until_it_is_to_be_renewed(clock):
    mint = Mint("ann", SECRET, lifetime=100, clock=clock)
    first = mint.token()
    clock.now += 79
    assert mint.token() is first
    clock.now += 1

    assert mint.token().text != first.text


def test_a_clock_that_was_set_back_makes_a_new_token(clock):
    mint = Mint("ann", SECRET, clock=clock)
    first = mint.token()
    clock.now -= 5000

    assert mint.token().text != first.text


def test_after_a_401_a_newer_token_is_minted_and_sent_once(clock):
    auth = JWTAuth(Mint("ann", SECRET, clock=clock))
    sent(auth)
    clock.now += 50

    tokens = sent(auth, status=401)

    assert len(set(tokens)) == len(tokens) == 2


def test_a_token_of_this_second_is_not_sent_again(clock):
    assert len(sent(JWTAuth(Mint("ann", SECRET, clock=clock)), status=401)) == 1


def test_a_body_that_was_read_away_is_not_sent_again(clock):
    def store(request: Request) -> Response:
        list(request.body or ())  # type: ignore[arg-type]
        clock.now += 1
        return json_response({}, status=401)

    upload = Request(method="PUT", path=("db", "d", "a"), route="/{db}", body=Upload(iter([b"bytes"])))

    response = AuthTransport(MockTransport(store), JWTAuth(Mint("ann", SECRET, clock=clock))).send(upload)

    assert "cannot go back" in response.remark


def test_the_claim_of_the_roles_can_be_another():
    claims = jwt.decode(Mint("ann", SECRET, roles=["r"], roles_claim="roles").token().text, SECRET, ["HS256"])

    assert claims["roles"] == ["r"]
    assert claims["iat"] <= time.time() <= claims["exp"]


@pytest.mark.parametrize(
    ("arguments", "named"),
    [
        ({"username": ""}, "username"),
        ({"username": None}, "username"),
        ({"key": ""}, "key"),
        ({"key": b""}, "key"),
        ({"key": None}, "key"),
        ({"roles": "reader"}, "roles"),
        ({"algorithm": "none"}, "algorithm"),
        ({"algorithm": "RS256"}, "key"),
        ({"algorithm": "ES256", "key": pem(RSA)}, "key"),
        ({"lifetime": 0}, "lifetime"),
        ({"lifetime": "1"}, "lifetime"),
        ({"key_id": ""}, "key_id"),
        ({"issuer": ""}, "issuer"),
        ({"roles_claim": ""}, "roles_claim"),
    ],
)
def test_arguments_are_checked_at_once_and_named(arguments, named):
    with pytest.raises(ConfigurationError, match=named) as caught:
        Mint(**{"username": "ann", "key": SECRET, **arguments})

    assert SECRET.decode() not in str(caught.value)


def test_only_private_keys_need_the_extra():
    program = """
import sys
sys.modules["jwt"] = None  # as where PyJWT is not installed
from couchmapper.auth.jwt import Mint
from couchmapper.exceptions import MissingExtra
Mint("ann", "a secret").token()
try:
    Mint("ann", "a key", algorithm="RS256")
except MissingExtra as error:
    print(error)
"""

    told = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)

    assert told.stdout == "RS256 needs an extra: python -m pip install 'couchmapper[jwt]'\n"


def test_a_public_key_cannot_sign():
    public = RSA.public_key().public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    )

    with pytest.raises(ConfigurationError, match="private key"):
        Mint("ann", public, algorithm="RS256")


@pytest.mark.parametrize("token", [None, "", "a b"])
def test_a_token_that_no_header_can_hold_is_refused(token):
    with pytest.raises(ConfigurationError, match="token"):
        JWTAuth(token)


def test_neither_token_nor_key_is_shown():
    assert repr(JWTAuth("a.b.c")) == "JWTAuth(...)"
    assert repr(JWTAuth(Mint("ann", SECRET))) == "JWTAuth(Mint('ann', ..., algorithm='HS256'))"
