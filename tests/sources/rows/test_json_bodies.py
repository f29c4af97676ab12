"""What came instead of a JSON object, and whether asking again can help."""

import pytest

from backend.errors import SourceChangedError, SourceError, SourceTemporaryError
from backend.sources.http.json_bodies import list_objects, read_object
from tests.sources.answers import answer


def test_an_object_is_read_whatever_its_type_and_status() -> None:
    assert read_object("x", answer(b'\xef\xbb\xbf {"a": 1}\n', status=500, content_type="text/html")) == {"a": 1}


@pytest.mark.parametrize(
    ("body", "status", "error", "told"),
    [
        (b'{"items": [', 200, SourceTemporaryError, "x sent half an answer; it is asked again at the next run."),
        (b'\n {"items": [', 200, SourceTemporaryError, "x sent half an answer; it is asked again at the next run."),
        (b'{"items": [', 500, SourceChangedError, r"x sent no JSON \(status 500\); check its address"),
        (b"[1, 2]", 200, SourceChangedError, r"x sent no JSON \(status 200\); check its address"),
        (b"", 200, SourceChangedError, r"x sent no JSON \(status 200\)"),
        (b"[" * 200_000, 200, SourceChangedError, r"x sent no JSON \(status 200\)"),
        (b'{"a":' * 200_000, 200, SourceTemporaryError, "x sent half an answer"),
    ],
)
def test_what_is_no_object_is_half_of_one_or_another_answer(
    body: bytes, status: int, error: type[SourceError], told: str
) -> None:
    with pytest.raises(error, match=told):
        read_object("x", answer(body, status=status))


def test_rows_that_are_no_objects_are_left_out() -> None:
    assert list_objects([{"a": 1}, {}, None, [1], "x", {"b": 2}]) == [{"a": 1}, {"b": 2}]
    assert list_objects({"a": 1}) == list_objects(None) == []
