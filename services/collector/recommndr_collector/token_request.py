"""The body of `POST /tokens`."""

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from recommndr.identity import User
from recommndr_http.json_shape import Shape, measure
from recommndr_http.problem import refused_model

MAX_BYTES = 4_096
_SHAPE = Shape(depth=4, n_keys=16, n_commas=16)


class TokenRequest(BaseModel):
    """`POST /tokens`."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    user_id: User = Field(description="the shopper's id, as in the shop's events")


def shopper(payload: bytes) -> str:
    """The shopper for whom a token is requested; raises `Problem`."""
    measure(payload).check(_SHAPE)
    try:
        return TokenRequest.model_validate_json(payload, strict=True).user_id
    except ValidationError as cause:
        raise refused_model(cause) from None
