from network.app import main


def test_weights_lists_every_place(capsys):
    assert main.main(["weights"]) == 0
    out = capsys.readouterr().out
    assert "vgg16_imagenet_notop_float16.h5: ready" in out
    assert out.count("vgg19") >= 2


def test_a_cache_of_any_name_adds_no_line(capsys, monkeypatch):
    assert main.main(["weights"]) == 0
    desired = capsys.readouterr().out.count("\n")
    monkeypatch.setenv("KERAS_HOME", "/none\n\x1b[2J")
    assert main.main(["weights"]) == 0
    out = capsys.readouterr().out
    assert out.count("\n") == desired
    assert "/none\\n\\x1b[2J/" in out


def test_weights_download_of_another_model_is_refused(capsys):
    assert main.main(["weights", "--download", "resnet"]) == 2
    assert "expected vgg16 or vgg19" in capsys.readouterr().err


def test_weights_download_without_a_connection_is_exit_code_2(capsys):
    assert main.main(["weights", "--download", "vgg19"]) == 2
    assert "Connection refused" in capsys.readouterr().err
