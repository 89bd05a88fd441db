"""The sheet of photos in every style."""

from PIL import Image

from network.fast import training_sheet


def test_the_sheet_has_a_band_of_panels_for_each_photo(tiny, picture, tmp_path, monkeypatch):
    monkeypatch.setattr(training_sheet, "HEIGHT", 24)
    for name in ("a.png", "b.png"):
        Image.fromarray(picture).save(tmp_path / name)
    one = training_sheet.sheet(tiny, [tmp_path / "a.png"])
    two = training_sheet.sheet(tiny, [tmp_path / "a.png", tmp_path / "b.png"])
    assert two.shape == (2 * one.shape[0], *one.shape[1:])
    assert one.shape[1] >= 5 * 32  # the photo, its row and three styles


def test_of_a_strip_a_part_is_shown(tiny, tmp_path, monkeypatch):
    monkeypatch.setattr(training_sheet, "HEIGHT", 24)
    Image.new("RGB", (10000, 1)).save(tmp_path / "strip.png")
    sheet = training_sheet.sheet(tiny, [tmp_path / "strip.png"])
    assert sheet.shape[1] < 6 * 150


def test_the_sheet_of_what_enlarges_has_the_photo_bicubic_and_the_network(
    enlarging, picture, tmp_path, monkeypatch
):
    monkeypatch.setattr(training_sheet, "HEIGHT", 32)
    Image.fromarray(picture).save(tmp_path / "a.png")
    made = []
    monkeypatch.setattr(
        training_sheet, "side_by_side", lambda panels: made.extend(panels) or panels[0][1]
    )
    training_sheet.sheet(enlarging, [tmp_path / "a.png"])
    assert [(name, panel.shape) for name, panel in made] == [
        (name, (32, 40, 3)) for name in ("photo", "bicubic", "network")
    ]
