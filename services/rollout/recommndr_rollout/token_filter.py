"""Envoy's filter for shoppers' tokens, in a separate file (ECDS): Envoy reads `local_jwks` once, but watches this file.

So signing keys can be added and removed without a restart. The filter removes the headers it sets from every request, with or
without a token, so requests with a verified server key bypass it.
"""

import hashlib
import json
from pathlib import Path
from typing import Any

from recommndr.edge import KEY_HEADER, TENANT_HEADER, USER_HEADER
from recommndr.shopper_token import AUDIENCE, ISSUER, TOKEN_LIFETIME, TokenKeys, TokenSigner, new_private_key
from recommndr_rollout.replaced_file import replace

FILTER_NAME = "shopper_token"

_TYPE = "type.googleapis.com/envoy"
_JWT = f"{_TYPE}.extensions.filters.http.jwt_authn.v3.JwtAuthentication"
_N_REMEMBERED = 1_000


class TokenFilterFile:
    """The file with the keys that were applied last."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._nobodys: TokenKeys | None = None

    def apply(self, keys: TokenKeys) -> bool:
        """Make Envoy accept tokens of these keys only; returns whether the file changed."""
        accepted = keys if len(keys) else self._keys_of_nobody()
        resource = {
            "@type": f"{_TYPE}.config.core.v3.TypedExtensionConfig",
            "name": FILTER_NAME,
            "typed_config": token_filter(accepted),
        }
        version = hashlib.sha256(json.dumps(resource, sort_keys=True).encode()).hexdigest()[:16]
        return replace(self._path, json.dumps({"version_info": version, "resources": [resource]}, indent=1))

    def _keys_of_nobody(self) -> TokenKeys:
        # Envoy refuses an empty set of keys, so it gets a public key whose private key was discarded.
        if self._nobodys is None:
            self._nobodys = TokenKeys({"keys": [TokenSigner(new_private_key()).jwk]})
        return self._nobodys


def token_filter(keys: TokenKeys) -> dict[str, Any]:
    """The filter's configuration; pure."""
    return {
        "@type": f"{_TYPE}.extensions.common.matching.v3.ExtensionWithMatcher",
        "xds_matcher": {"matcher_list": {"matchers": [_skipped_with_a_server_key()]}},
        "extension_config": {
            "name": "envoy.filters.http.jwt_authn",
            "typed_config": {
                "@type": _JWT,
                "bypass_cors_preflight": True,
                "providers": {"shopper": _provider(keys)},
                "rules": [
                    {"match": {"path_separated_prefix": "/health"}},
                    {"match": {"path": "/openapi.json"}},
                    {"match": {"prefix": "/"}, "requires": {"provider_name": "shopper"}},
                ],
            },
        },
    }


def _provider(keys: TokenKeys) -> dict[str, Any]:
    return {
        "issuer": ISSUER,
        "audiences": [AUDIENCE],
        "require_expiration": True,
        "max_lifetime": f"{int(TOKEN_LIFETIME.total_seconds())}s",
        "clock_skew_seconds": 1,  # 0 would mean the default: 60 s beyond its expiry
        "local_jwks": {"inline_string": keys.jwks},
        "from_headers": [{"name": "authorization", "value_prefix": "Bearer "}],
        "forward": True,  # slots and collector check it again
        "claim_to_headers": [
            {"header_name": TENANT_HEADER, "claim_name": "tenant"},
            {"header_name": USER_HEADER, "claim_name": "sub"},
        ],
        "clear_route_cache": True,
        "jwt_cache_config": {"jwt_cache_size": _N_REMEMBERED},
    }


def _skipped_with_a_server_key() -> dict[str, Any]:
    header = {"@type": f"{_TYPE}.type.matcher.v3.HttpRequestHeaderMatchInput", "header_name": KEY_HEADER}
    skip = {"@type": f"{_TYPE}.extensions.filters.common.matcher.action.v3.SkipFilter"}
    return {
        "predicate": {
            "single_predicate": {
                "input": {"name": "server_key", "typed_config": header},
                "value_match": {"safe_regex": {"google_re2": {}, "regex": ".+"}},
            }
        },
        "on_match": {"action": {"name": "skip", "typed_config": skip}},
    }
