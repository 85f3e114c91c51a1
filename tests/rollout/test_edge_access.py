"""Who gets through a real Envoy: shoppers' tokens, origins of pages, limits, addresses."""

import base64
import json
import secrets
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from itertools import chain, count, cycle

import httpx
import jwt
import pytest
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_pem_private_key

from recommndr.edge import MAX_EVENT_BYTES, MAX_ITEM_BYTES
from recommndr.identity import TenantId
from recommndr.shopper_token import TOKEN_LIFETIME, TokenKeys, TokenSigner
from recommndr.tenancy import ServerKey, TenantPolicy, hash_key
from recommndr_rollout import routes
from recommndr_rollout.routes import route_configuration
from recommndr_serving.http.edge import MAX_BODY_BYTES
from tests.patience import eventually
from tests.recommndr.tokens import private_key
from tests.rollout.edges import (
    GROCER,
    SIGNER,
    Edge,
    NewEnvoy,
    edge_settings,
    running_edge,
    seen,
    server_key,
    token,
    until_refused,
)

pytestmark = pytest.mark.integration

OTHER = TokenSigner(private_key("second"))
BOOKS = TenantId("books")
KEY_ID = ServerKey(sha256=hash_key(server_key())).id
SHOP, BOOKSHOP, STRANGER = "https://grocer.example", "http://127.0.0.1:18002", "https://evil.example"
POLICIES = {GROCER: TenantPolicy(origins=(SHOP,)), BOOKS: TenantPolicy(origins=(BOOKSHOP,))}


@pytest.fixture(scope="module")
def edge(tmp_path_factory: pytest.TempPathFactory, new_envoy: NewEnvoy) -> Iterator[Edge]:
    with running_edge(edge_settings(tmp_path_factory.mktemp("edge")), new_envoy, POLICIES) as running:
        yield running


def problem(answer: httpx.Response, status: int) -> str:
    """The detail of a problem that the edge answered by itself."""
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    assert "x-seen" not in answer.headers  # no service saw anything
    assert answer.json()["status"] == status
    assert answer.json()["title"]
    return str(answer.json()["detail"])


def b64(content: object) -> str:
    raw = content if isinstance(content, bytes) else json.dumps(content).encode()
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def unsigned() -> str:
    return f"{b64({'alg': 'none', 'kid': SIGNER.key_id})}.{token().split('.')[1]}."


def signed_with_the_public_key() -> str:
    public = load_pem_private_key(private_key().encode(), None).public_key()
    secret = base64.urlsafe_b64encode(public.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo))
    claims = jwt.decode(token(), options={"verify_signature": False})
    return jwt.encode(claims, secret, "HS256", headers={"kid": SIGNER.key_id})


def claiming(**changes: object) -> str:
    claims = jwt.decode(token(), options={"verify_signature": False}) | changes
    kept = {name: value for name, value in claims.items() if value is not None}
    return jwt.encode(kept, private_key(), "RS256", headers={"kid": SIGNER.key_id})


@pytest.mark.parametrize(
    ("path", "service"), [("/popular", "blue"), ("/recommend?user_id=anna", "blue"), ("/events", "collector")]
)
def test_a_shoppers_token_gets_through_and_the_service_is_told_who_it_is(edge: Edge, path: str, service: str) -> None:
    answer = edge.browse(path)
    assert (answer.status_code, answer.text) == (200, service)
    told = seen(answer)
    assert (told["x-recommndr-tenant"], told["x-recommndr-user"]) == ("grocer", "anna")
    assert told["authorization"].startswith("Bearer ey")  # the service checks it again


def test_any_shoppers_id_reaches_the_service(edge: Edge) -> None:
    for user_id in ("anna é", "日本", "a|b,c;d", '"'):
        assert seen(edge.browse(bearer=token(user_id)))["x-recommndr-user"] == user_id


def test_what_a_browser_says_of_itself_counts_for_nothing(edge: Edge) -> None:
    spoofed = {"x_recommndr_tenant": "books", "x_recommndr_user": "berta", "x_recommndr_other": "1"}
    told = seen(edge.browse(**spoofed))
    assert {name: value for name, value in told.items() if name != "authorization"} == {
        "x-recommndr-tenant": "grocer",
        "x-recommndr-user": "anna",
    }
    problem(edge.browse(bearer="", **spoofed), 401)
    assert seen(edge.browse("/health/ready", bearer="", **spoofed)) == {}


def test_the_slot_is_chosen_by_the_shopper_of_the_token(edge: Edge) -> None:
    users = [f"u{number}" for number in range(40)]
    edge.routes.apply({tenant: {"blue": 5_000, "green": 5_000} for tenant in POLICIES})
    eventually(lambda: len({edge.slot_of(user) for user in users}) == 2, "both slots serve")
    wanted = {user: edge.slot_of(user) for user in users}
    assert {user: edge.browse(bearer=token(user), x_recommndr_user="u0").text for user in users} == wanted
    edge.routes.apply({tenant: {"blue": 10_000, "green": 0} for tenant in POLICIES})
    eventually(lambda: {edge.slot_of(user) for user in users} == {"blue"}, "blue serves everybody")


@pytest.mark.parametrize("path", ["/popular", "/events", "/tokens", "/health/ready"])
def test_what_a_server_says_reaches_the_service_as_it_is(edge: Edge, path: str) -> None:
    said = {"authorization": f"Bearer {server_key()}", "x-recommndr-tenant": "grocer", "x-recommndr-user": "anna"}
    assert seen(edge.ask("POST", path, said)) == {**said, "x-recommndr-key": KEY_ID}


@pytest.mark.parametrize(
    ("made", "why"),  # when the test runs: a token made with the file would expire before a long run gets here
    [
        (lambda: "", "missing"),
        (lambda: "garbage", "Jwt"),
        (lambda: "a.b.c", "Jwt"),
        (lambda: token(at=datetime.now(UTC) - TOKEN_LIFETIME - timedelta(seconds=2)), "expired"),
        (lambda: token()[:-8] + "AAAAAAAA", "verification fails"),
        (lambda: token(signer=OTHER), "Jwks doesn't have key"),
        (unsigned, "Jwt"),
        (signed_with_the_public_key, "Jw"),
        (lambda: claiming(iss="somebody"), "issuer"),
        (lambda: claiming(exp=None), "Jwt"),
        (lambda: claiming(exp=int(datetime.now(UTC).timestamp()) + 86_400), "Jwt"),
        (lambda: claiming(nbf=int(datetime.now(UTC).timestamp()) + 60), "not yet valid"),
    ],
)
@pytest.mark.parametrize(
    ("method", "path"), [("GET", "/recommend"), ("POST", "/events"), ("GET", "/metrics"), ("POST", "/tokens")]
)
def test_without_a_good_token_no_service_sees_a_byte(
    edge: Edge, method: str, path: str, made: Callable[[], str], why: str
) -> None:
    bearer = made()
    answer = edge.ask(method, path, {"authorization": bearer and f"Bearer {bearer}", "x-recommndr-tenant": "grocer"})
    assert why in problem(answer, 401)
    assert answer.headers["www-authenticate"].startswith("Bearer")


def test_a_token_for_another_platform_is_refused(edge: Edge) -> None:
    problem(edge.browse(bearer=claiming(aud="another-platform")), 403)
    problem(edge.browse(bearer=claiming(aud=None)), 403)


def test_a_token_counts_in_its_header_alone(edge: Edge) -> None:
    problem(edge.browse(f"/popular?access_token={token()}", bearer=""), 401)
    problem(edge.ask("GET", "/popular", {"authorization": f"Basic {token()}"}), 401)


def test_a_second_credential_beside_a_server_key_opens_nothing(edge: Edge) -> None:
    both = edge._client.get(
        "/popular", headers=[("authorization", f"Bearer {token()}"), ("authorization", "Bearer rk_books_x")]
    )
    assert both.status_code == 401 or seen(both)["x-recommndr-tenant"] == "grocer"


def test_keys_of_tokens_come_and_go_while_the_edge_runs(tmp_path_factory: pytest.TempPathFactory, new_envoy: NewEnvoy) -> None:
    with running_edge(edge_settings(tmp_path_factory.mktemp("keys")), new_envoy, POLICIES) as edge:

        def statuses() -> list[int]:
            return [edge.browse(bearer=token(signer=signer)).status_code for signer in (SIGNER, OTHER)]

        assert statuses() == [200, 401]
        for signers, expected in (((SIGNER, OTHER), [200, 200]), ((OTHER,), [401, 200]), ((), [401, 401])):
            edge.token_filter.apply(TokenKeys({"keys": [signer.jwk for signer in signers]}))
            eventually(lambda wanted=expected: statuses() == wanted, "the keys are followed")  # type: ignore[misc]


def test_server_keys_come_and_go_while_the_edge_runs(tmp_path_factory: pytest.TempPathFactory, new_envoy: NewEnvoy) -> None:
    second = "rk_grocer_second"
    asked = {"authorization": f"Bearer {second}"}
    with running_edge(edge_settings(tmp_path_factory.mktemp("keys")), new_envoy, POLICIES) as edge:

        def give_keys(*keys: ServerKey) -> None:
            edge.policies[GROCER] = edge.policies[GROCER].model_copy(update={"keys": keys})
            edge.set_green(0)

        key = ServerKey(sha256=hash_key(second))
        problem(edge.ask("GET", "/popular", asked), 401)
        give_keys(key)
        eventually(lambda: edge.ask("GET", "/popular", asked).status_code == 200, "the keys are followed")
        problem(edge.ask("GET", "/popular"), 401)  # the one it replaced
        give_keys(key.model_copy(update={"expires_at": datetime.now(UTC) + timedelta(seconds=2)}))
        eventually(lambda: edge.ask("GET", "/popular", asked).status_code == 401, "the keys are followed")
        give_keys(key)
        eventually(lambda: edge.ask("GET", "/popular", asked).status_code == 200, "the keys are followed")
        give_keys()
        eventually(lambda: edge.ask("GET", "/popular", asked).status_code == 401, "the keys are followed")


@pytest.mark.parametrize(
    "made_up",
    [
        "rk_grocer_made-up",
        "rk_grocer_",
        "rk_",
        "rk_grocer_secretx",
        "rk_books_grocer",
        "rk_grocer_" + "x" * 5_000,
        "RK_grocer_secret",
    ],
)
@pytest.mark.parametrize("scheme", ["Bearer", "bearer", "BEARER"])
def test_a_made_up_server_key_reaches_no_service(edge: Edge, scheme: str, made_up: str) -> None:
    headers = {"authorization": f"{scheme} {made_up}", "x-recommndr-tenant": "grocer", "x-recommndr-key": KEY_ID}
    for method, path in (("GET", "/popular"), ("POST", "/events"), ("PUT", "/items"), ("POST", "/tokens"), ("GET", "/metrics")):
        problem(edge.ask(method, path, headers), 401)


def test_the_edge_says_that_a_key_is_not_known(edge: Edge) -> None:
    answer = edge.ask("GET", "/popular", {"authorization": "Bearer rk_grocer_made-up"})
    assert "unknown, revoked or expired" in problem(answer, 401)


@pytest.mark.parametrize("scheme", ["bearer", "BEARER", "bEaReR", "Bearer "])
def test_the_scheme_has_no_case(edge: Edge, scheme: str) -> None:
    for credential in (server_key(), token()):
        answer = edge.ask("GET", "/popular", {"authorization": f"{scheme} {credential}"})
        assert seen(answer)["authorization"] == f"Bearer {credential}"


def test_the_edge_hashes_keys_of_every_length_as_we_do(edge: Edge) -> None:
    keys = [f"rk_grocer_{secrets.token_hex(100)[:n]}" for n in range(1, 190)]  # SHA-256 pads differently around 56 and 64
    hashed = tuple(ServerKey(sha256=hash_key(key)) for key in keys)
    edge.policies[GROCER] = edge.policies[GROCER].model_copy(update={"keys": edge.policies[GROCER].keys + hashed})
    edge.set_green(0)
    eventually(
        lambda: edge.ask("GET", "/popular", {"authorization": f"Bearer {keys[0]}"}).status_code == 200, "the keys are followed"
    )
    answers = {key: edge.ask("GET", "/popular", {"authorization": f"Bearer {key}"}) for key in keys}
    assert {key: seen(answer)["x-recommndr-key"] for key, answer in answers.items()} == {
        key: server_key.id for key, server_key in zip(keys, hashed, strict=True)
    }


def test_health_needs_no_credential(edge: Edge) -> None:
    assert edge.browse("/health/live", bearer="").text == "blue"
    assert edge.browse("/openapi.json", bearer="").text == "blue"
    for path in ("/healthy", "/health%2F..%2Fitems", "/health/../items", "/openapi.json/../items"):
        assert edge.browse(path, bearer="").status_code == 401


@pytest.mark.parametrize("origin", [SHOP, BOOKSHOP])
@pytest.mark.parametrize("path", ["/recommend", "/events"])
def test_a_preflight_is_answered_for_the_origins_of_all_tenants(edge: Edge, origin: str, path: str) -> None:
    answer = edge.preflight(origin, path)
    assert (answer.status_code, answer.text) == (200, "")
    assert answer.headers["access-control-allow-origin"] == origin
    assert answer.headers["access-control-allow-headers"] == "authorization, content-type"
    assert "POST" in answer.headers["access-control-allow-methods"]
    assert int(answer.headers["access-control-max-age"]) >= 600
    assert "x-seen" not in answer.headers


def test_a_preflight_of_a_strange_page_gets_no_permission(edge: Edge) -> None:
    for origin in (STRANGER, f"{SHOP}.evil.example", "null"):
        assert "access-control-allow-origin" not in edge.preflight(origin).headers


def test_other_questions_about_options_need_a_token(edge: Edge) -> None:
    problem(edge.ask("OPTIONS", "/recommend", {"authorization": ""}), 401)


@pytest.mark.parametrize("path", ["/popular", "/events"])
def test_a_page_reads_the_answers_to_its_own_shops_tokens_only(edge: Edge, path: str) -> None:
    own = edge.browse(path, origin=SHOP)
    assert own.headers["access-control-allow-origin"] == SHOP
    assert "retry-after" in own.headers["access-control-expose-headers"]
    for origin in (BOOKSHOP, STRANGER):
        assert "access-control-allow-origin" not in edge.browse(path, origin=origin).headers
    books = edge.browse(path, bearer=token(tenant="books"), origin=BOOKSHOP)
    assert books.headers["access-control-allow-origin"] == BOOKSHOP


def test_a_page_can_read_why_it_was_refused(edge: Edge) -> None:
    expired = token(at=datetime.now(UTC) - 2 * TOKEN_LIFETIME)
    answer = edge.browse(bearer=expired, origin=SHOP)
    assert "expired" in problem(answer, 401)
    assert answer.headers["access-control-allow-origin"] == "*"


def test_the_edge_and_the_services_agree_on_how_long_a_body_may_be(edge: Edge) -> None:
    assert (routes.MAX_EVENT_BYTES, routes.MAX_ITEM_BYTES) == (MAX_EVENT_BYTES, MAX_ITEM_BYTES)
    tenant = {"x-recommndr-tenant": "grocer"}
    for method, path, limit in (
        ("POST", "/recommend", MAX_BODY_BYTES),
        ("POST", "/events", MAX_EVENT_BYTES),
        ("PUT", "/items", MAX_ITEM_BYTES),
    ):
        for headers in (tenant, {}):
            assert edge.ask(method, path, headers, content=b" " * limit).status_code == 200
            problem(edge.ask(method, path, headers, content=b" " * (limit + 1)), 413)


def test_a_made_up_key_has_no_more_than_a_browser(tmp_path_factory: pytest.TempPathFactory, new_envoy: NewEnvoy) -> None:
    limits = {"browser_requests_per_s": 1, "server_requests_per_s": 50, "xff_num_trusted_hops": 1}
    with running_edge(edge_settings(tmp_path_factory.mktemp("limits"), **limits), new_envoy, POLICIES) as edge:

        def browser_after_guesses(address: str) -> int:
            guesses = count()
            named = {"x-forwarded-for": address}
            answers = until_refused(
                lambda: edge.ask("GET", "/popular", named | {"authorization": f"Bearer rk_grocer_{next(guesses)}"})
            )
            assert [answer.status_code for answer in answers[:2]] == [401, 401]
            return edge.browse(x_forwarded_for=address).status_code

        # It was the address's budget. On a slow machine a request fits into it again meanwhile, so another address tries.
        assert any(browser_after_guesses(f"198.51.100.{n}") == 429 for n in range(1, 21))
        assert edge.ask("GET", "/popular", {"x-forwarded-for": "198.51.100.1"}).status_code == 200  # a good key has its own


def test_browsers_of_one_address_have_a_limit_and_servers_another(
    tmp_path_factory: pytest.TempPathFactory, new_envoy: NewEnvoy
) -> None:
    limits = edge_settings(tmp_path_factory.mktemp("limits"), browser_requests_per_s=1, server_requests_per_s=3)
    with running_edge(limits, new_envoy, POLICIES) as edge:
        addresses = count(1)  # of one's own choosing
        browsers = until_refused(lambda: edge.browse(bearer="garbage", x_forwarded_for=f"198.51.100.{next(addresses)}"))
        assert [answer.status_code for answer in browsers[:2]] == [401, 401]
        assert "Retry-After" in problem(browsers[-1], 429)
        assert browsers[-1].headers["retry-after"] == "1"
        assert browsers[-1].headers["access-control-allow-origin"] == "*"
        servers = until_refused(lambda: edge.ask("GET", "/popular", {"x-recommndr-tenant": "grocer"}))
        assert [answer.status_code for answer in servers[:6]] == [200] * 6


def test_a_tenants_browsers_have_a_limit_together_and_take_nothing_from_anothers_or_from_servers(
    tmp_path_factory: pytest.TempPathFactory, new_envoy: NewEnvoy
) -> None:
    policies = {GROCER: TenantPolicy(max_requests_per_s=2, origins=(SHOP,)), BOOKS: TenantPolicy()}
    with running_edge(edge_settings(tmp_path_factory.mktemp("tenants")), new_envoy, policies) as edge:
        users, paths = count(), cycle(["/popular", "/events"])
        asked = until_refused(lambda: edge.browse(next(paths), bearer=token(f"u{next(users)}")))
        assert [answer.status_code for answer in asked[:2]] == [200, 200]
        assert problem(asked[-1], 429)
        assert edge.browse(bearer=token(tenant="books")).status_code == 200
        assert edge.ask("GET", "/popular", {"x-recommndr-tenant": "grocer"}).status_code == 200
        refused = until_refused(lambda: edge.browse(origin=SHOP))[-1]
        assert (refused.headers["retry-after"], refused.headers["access-control-allow-origin"]) == ("1", SHOP)


def made_up_tenants() -> Iterator[dict[str, str]]:
    yield from ({"x-recommndr-tenant": f"nobody-{n}"} for n in count())


def test_a_tenants_servers_have_a_limit_together_whatever_tenant_they_name(
    tmp_path_factory: pytest.TempPathFactory, new_envoy: NewEnvoy
) -> None:
    policies = {GROCER: TenantPolicy(max_server_requests_per_s=2), BOOKS: TenantPolicy()}
    with running_edge(edge_settings(tmp_path_factory.mktemp("servers")), new_envoy, policies) as edge:
        named = chain([{}, *({"x-recommndr-tenant": name} for name in ("grocer", "books"))], made_up_tenants())
        asked = until_refused(lambda: edge.ask("POST", "/events", next(named)))
        assert [answer.status_code for answer in asked[:2]] == [200, 200]
        assert edge.ask("GET", "/popular", {"authorization": f"Bearer {server_key('books')}"}).status_code == 200
        assert edge.browse().status_code == 200


def test_a_tenant_denies_addresses_and_nobody_elses(tmp_path_factory: pytest.TempPathFactory, new_envoy: NewEnvoy) -> None:
    policies = {
        GROCER: TenantPolicy(denied_addresses=("127.0.0.0/8",)),
        BOOKS: TenantPolicy(allowed_addresses=("127.0.0.1",), denied_addresses=("198.51.100.0/24",)),
        TenantId("toys"): TenantPolicy(allowed_addresses=("198.51.100.0/24", "2001:db8::/32")),
    }
    with running_edge(edge_settings(tmp_path_factory.mktemp("addresses")), new_envoy, policies) as edge:
        problem(edge.browse(), 403)
        problem(edge.browse(x_forwarded_for="198.51.100.7"), 403)
        assert edge.browse(bearer=token(tenant="books")).status_code == 200
        problem(edge.browse(bearer=token(tenant="toys")), 403)
        for headers in ({}, {"x-recommndr-tenant": "grocer"}):  # a server's tenant is in its key
            problem(edge.ask("POST", "/events", headers), 403)
        assert edge.ask("POST", "/events", {"authorization": f"Bearer {server_key('books')}"}).status_code == 200
        problem(edge.ask("POST", "/events", {"authorization": f"bearer {server_key('toys')}"}), 403)


def test_services_are_asked_by_their_inner_names_whatever_a_client_called_the_edge() -> None:
    routes = route_configuration({"grocer": {"blue": 1, "green": 99}})["resources"][0]["virtual_hosts"][0]["routes"]
    assert all(route["route"]["auto_host_rewrite"] for route in routes)
