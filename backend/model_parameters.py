"""Checks what people set of a model against the table of kinds, for the API that takes it and the training."""

from collections.abc import Mapping
from typing import Any

from pydantic import ValidationError

from backend.domain.members import PARAMETERS, NoParameters
from backend.errors import InvalidInputError, field_error


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
        errors = [field_error(one, "body", "parameters") for one in error.errors()]
    first = errors[0]
    place = ".".join(str(part) for part in first["location"][1:])
    known = ", ".join(model.model_fields) or "no parameters"
    raise InvalidInputError(
        f"Correct {place}: {str(first['message']).lower()}; a model of kind {kind} takes {known}.", errors=errors
    )
