import pytest

from handwriting.errors import SettingError
from handwriting.models.config import TrainingConfig


@pytest.mark.parametrize(("images", "expected"), [(55_000, 512), (1_317, 66), (5, 1)])
def test_a_small_data_set_is_learned_from_in_smaller_steps(images, expected):
    assert TrainingConfig(batch_size=512).images_per_step(images) == expected


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("epochs", 0),
        ("epochs", 2.5),
        ("epochs", True),
        ("batch_size", 0),
        ("learning_rate", 0),
        ("learning_rate", float("nan")),
        ("learning_rate", float("inf")),
        ("seed", -1),
    ],
)
def test_a_setting_out_of_range_is_named(name, value):
    with pytest.raises(SettingError, match=f"{name}: expected .*; found"):
        TrainingConfig(**{name: value})
