"""Settings that go together."""

import pytest

from network import TransferConfig, quick, recipes


def test_the_quick_recipe_is_settings_of_a_transfer():
    config = TransferConfig(**quick())
    assert config.num_iter == 1
    assert config.scales > 1  # coarse to fine is what makes it quick


@pytest.mark.parametrize(
    ("flags", "precision"),
    [("fpu avx512f amx_bf16", "bfloat16"), ("avx512_bf16", "bfloat16"), ("fpu avx2", "float32")],
)
def test_bfloat16_is_taken_where_the_processor_has_it(flags, precision, monkeypatch):
    monkeypatch.setattr(recipes.Path, "read_text", lambda self, **options: f"flags : {flags}")
    assert quick()["precision"] == precision


def test_a_processor_that_cannot_be_asked_is_taken_for_a_slow_one(monkeypatch):
    def refuse(self, **options):
        raise FileNotFoundError

    monkeypatch.setattr(recipes.Path, "read_text", refuse)
    assert quick()["precision"] == "float32"


def test_the_recipe_of_nearest_columns_is_settings_of_a_transfer():
    config = TransferConfig(**recipes.NEAREST)
    assert config.style_loss == "nearest" and config.scales > 1


def test_a_doodles_defaults_are_settings_of_a_transfer_but_for_the_size():
    settings = {**recipes.DOODLE_DEFAULTS}
    assert settings.pop("image_size") == recipes.FROM_TARGET_MASK
    TransferConfig(**settings)
