import pytest

from notebook_press.rendering.paper.languages import language_of, region_of


@pytest.mark.parametrize(
    ("metadata", "language"),
    [
        ({}, "en"),
        ({"lang": "de"}, "de"),
        ({"language": "zh-Hant"}, "zh-Hant"),
        ({"language": "python"}, "en"),
        ({"language": "sql", "kernelspec": {"language": "sql"}}, "en"),
        ({"lang": '"><script>'}, "en"),
        ({"lang": ["de"], "language_info": "x"}, "en"),
    ],
)
def test_the_language_is_what_metadata_names(metadata, language):
    assert language_of(metadata) == language


@pytest.mark.parametrize(
    ("language", "region"), [("en", "GB"), ("en-us", "US"), ("zh-Hant-TW", "TW"), ("de", None)]
)
def test_a_region_is_that_of_the_tag(language, region):
    assert region_of(language) == region
