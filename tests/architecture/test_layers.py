"""The picture of the architecture page says what the import contracts say."""

from tests.architecture.layers import PICTURE, draw


def test_the_picture_of_the_layers_is_drawn_from_the_contracts() -> None:
    assert PICTURE.read_text() == draw(), "draw it anew: python -m tests.architecture.layers"
