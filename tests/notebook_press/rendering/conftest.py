import pytest
import typst


@pytest.fixture
def bare_machine(monkeypatch):
    """A machine that has no fonts but those that Typst brings."""
    compile_with, fonts = typst.compile, typst.Fonts

    def compile_alone(*arguments, **options):
        return compile_with(*arguments, **{**options, "ignore_system_fonts": True})

    monkeypatch.setattr(typst, "compile", compile_alone)
    monkeypatch.setattr(typst, "Fonts", lambda: fonts(include_system_fonts=False))
