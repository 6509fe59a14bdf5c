import pytest

from handwriting import networks, recipes
from handwriting.plans import Plan

NAMED = [recipes.DENSE, recipes.ONE_EPOCH, recipes.SMALL, recipes.WIDE, recipes.LENET_5]


@pytest.mark.parametrize("recipe", NAMED, ids=lambda recipe: recipe.name)
@pytest.mark.parametrize("shape", [(28, 28), (8, 8)])
def test_each_recipe_names_a_network_that_can_be_built(recipe, shape):
    network = networks.build(recipe.kind, shape, 10, recipe.settings)
    assert network.input_shape[1:] == shape


def test_no_two_recipes_are_the_same_or_have_the_same_name():
    every = [*NAMED, *recipes.variants()]
    assert len({recipe.name for recipe in every}) == len(every)
    assert len({recipe.title for recipe in every}) == len(every)
    assert len({recipe.parameters for recipe in every}) == len(every)


def test_a_variant_differs_from_the_small_network_in_one_setting_alone():
    for variant in recipes.variants():
        changed = [
            name
            for name in Plan.__dataclass_fields__
            if getattr(variant.plan, name) != getattr(recipes.SMALL.plan, name)
        ]
        changed += [
            name
            for name in ("kind", "settings", "images", "looks")
            if getattr(variant, name) != getattr(recipes.SMALL, name)
        ]
        assert len(changed) == 1, variant.title


@pytest.mark.parametrize("images", [600, 6_000, 30_000, 60_000])
def test_with_fewer_images_as_many_are_seen(images):
    recipe = recipes.with_images(recipes.SMALL, images, 60_000)
    seen = recipe.plan.epochs * images
    asked = recipes.SMALL.plan.epochs * 60_000
    assert asked <= seen < asked + images


def test_a_recipe_for_all_images_is_the_recipe_but_for_its_name():
    every = recipes.with_images(recipes.SMALL, 60_000, 60_000)
    assert every.plan == recipes.SMALL.plan
