"""What can be set of each kind of model: types, bounds and defaults, for the API that takes them and the training."""

from collections.abc import Mapping
from typing import Annotated, Any, Final

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from backend.domain.forecasts import BENCHMARKS
from backend.errors import InvalidInputError


class NoParameters(BaseModel):
    """Of a kind in which nothing can be set. Strict for all kinds: "100", 1.5 or true is no whole number."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


class PriceParameters(NoParameters):
    """`c`: inverse strength of the regularisation."""

    c: float = Field(0.01, ge=1e-6, le=1e6)


class KnnParameters(NoParameters):
    """`k`: stories looked at, at most; `shrinkage`: stories that the base rate counts for."""

    k: int = Field(100, ge=1, le=1_000)
    shrinkage: Annotated[int | float, Field(ge=1, le=100_000)] = 50


PARAMETERS: Final[Mapping[str, type[NoParameters]]] = {
    "base": NoParameters,
    "price": PriceParameters,
    "knn": KnnParameters,
    "gated": NoParameters,
    **dict.fromkeys(BENCHMARKS, NoParameters),
}


def parse_parameters(kind: str, given: Mapping[str, Any]) -> NoParameters:
    """The parameters of a model of `kind`, defaults included. Raises InvalidInputError that names what does not fit."""
    if kind not in PARAMETERS:
        raise InvalidInputError(
            f"Models of kind {kind!r} cannot be built by this version; use one of {', '.join(PARAMETERS)}."
        )
    model = PARAMETERS[kind]
    try:
        return model.model_validate(dict(given))
    except ValidationError as error:
        errors = [
            {"location": ["body", "parameters", *one["loc"]], "message": one["msg"], "kind": one["type"]}
            for one in error.errors()
        ]
    first = errors[0]
    place = ".".join(str(part) for part in first["location"][1:])
    known = ", ".join(model.model_fields) or "no parameters"
    raise InvalidInputError(
        f"Correct {place}: {str(first['message']).lower()}; a model of kind {kind} takes {known}.", errors=errors
    )
