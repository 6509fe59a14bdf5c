import pytest

from handwriting.errors import SettingError
from handwriting.models import config, networks
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


NAMED = [config.DENSE, config.ONE_EPOCH, config.SMALL, config.WIDE, config.LENET_5, config.PLAIN]


@pytest.mark.parametrize("recipe", NAMED, ids=lambda recipe: recipe.name)
@pytest.mark.parametrize("shape", [(28, 28), (8, 8)])
def test_each_recipe_names_a_network_that_can_be_built(recipe, shape):
    network = networks.build(recipe.kind, shape, 10, recipe.settings)
    assert network.input_shape[1:] == shape


def test_no_two_recipes_are_the_same_or_have_the_same_name():
    every = [*NAMED, *config.variants()]
    assert len({recipe.name for recipe in every}) == len(every)
    assert len({recipe.title for recipe in every}) == len(every)
    assert len({recipe.parameters for recipe in every}) == len(every)


def test_a_variant_differs_from_the_small_network_in_one_setting_alone():
    for variant in config.variants():
        changed = [
            name
            for name in TrainingConfig.__dataclass_fields__
            if getattr(variant.plan, name) != getattr(config.SMALL.plan, name)
        ]
        changed += [
            name
            for name in ("kind", "settings", "images", "looks")
            if getattr(variant, name) != getattr(config.SMALL, name)
        ]
        assert len(changed) == 1, variant.title


@pytest.mark.parametrize("images", [600, 6_000, 30_000, 60_000])
def test_with_fewer_images_as_many_are_seen(images):
    recipe = config.with_images(config.SMALL, images, 60_000)
    seen = recipe.plan.epochs * images
    asked = config.SMALL.plan.epochs * 60_000
    assert asked <= seen < asked + images


def test_a_recipe_for_all_images_is_the_recipe_but_for_its_name():
    every = config.with_images(config.SMALL, 60_000, 60_000)
    assert every.plan == config.SMALL.plan
