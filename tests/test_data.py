"""The data are what their authors made, split as Nielsen splits them; what is broken is named, not opened."""

from __future__ import annotations

import hashlib
import os
import re
import socket
import struct
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from urllib.error import URLError

import numpy as np
import pytest
import torchvision.datasets

import torch_ref.data
from torch_ref.data import NAMES, DataError, Dataset, Examples, load, read, sources

ROOT = Path(torch_ref.data.__file__).parent
IMAGES, LABELS, QMNIST_LABELS = 0x803, 0x801, 0xC02
TRAIN_IMAGES, TRAIN_LABELS = "train-images-idx3-ubyte", "train-labels-idx1-ubyte"
TEST_IMAGES, TEST_LABELS = "t10k-images-idx3-ubyte", "t10k-labels-idx1-ubyte"


def idx(magic: int, values: np.ndarray) -> bytes:
    """An IDX file: its header, then the values, the most significant byte first."""
    header = struct.pack(f">I{values.ndim}I", magic, *values.shape)
    return header + values.astype(values.dtype.newbyteorder(">")).tobytes()


def images(n: int) -> np.ndarray:
    """Images (n, 28, 28) with i in the corner of image i, and one pixel far from the diagonal."""
    pixels = np.zeros((n, 28, 28), np.uint8)
    pixels[:, 2, 20] = 255
    pixels[:, 0, 0] = np.arange(n) % 251
    return pixels


def labels(n: int) -> np.ndarray:
    return (np.arange(n) % 10).astype(np.uint8)


def provenance(n: int) -> np.ndarray:
    """QMNIST's labels (n, 8): the digit, then numbers that do not fit into a byte."""
    return np.column_stack([np.arange(n) % 10] + [np.arange(n) + 1000] * 7).astype(np.int32)


def plant(raw: Path, files: dict[str, bytes]) -> None:
    raw.mkdir(parents=True)
    for name, content in files.items():
        (raw / name).write_bytes(content)


def four_files(train: int, test: int) -> dict[str, bytes]:
    return {
        TRAIN_IMAGES: idx(IMAGES, images(train)),
        TRAIN_LABELS: idx(LABELS, labels(train)),
        TEST_IMAGES: idx(IMAGES, images(test)),
        TEST_LABELS: idx(LABELS, labels(test)),
    }


def qmnist_files(train: int, test: int) -> dict[str, bytes]:
    return {
        "qmnist-train-images-idx3-ubyte": idx(IMAGES, images(train)),
        "qmnist-train-labels-idx2-int": idx(QMNIST_LABELS, provenance(train)),
        "qmnist-test-images-idx3-ubyte": idx(IMAGES, images(test)),
        "qmnist-test-labels-idx2-int": idx(QMNIST_LABELS, provenance(test)),
    }


def emnist_files(train: int, test: int) -> dict[str, bytes]:
    """As NIST distributes them: each image column by column."""
    return {
        "emnist-digits-train-images-idx3-ubyte": idx(IMAGES, images(train).transpose(0, 2, 1)),
        "emnist-digits-train-labels-idx1-ubyte": idx(LABELS, labels(train)),
        "emnist-digits-test-images-idx3-ubyte": idx(IMAGES, images(test).transpose(0, 2, 1)),
        "emnist-digits-test-labels-idx1-ubyte": idx(LABELS, labels(test)),
    }


LAYOUTS = {
    "fashionmnist": ("FashionMNIST", four_files),
    "kmnist": ("KMNIST", four_files),
    "qmnist": ("QMNIST", qmnist_files),
    "emnist-digits": ("EMNIST", emnist_files),
}


@pytest.fixture(scope="module")
def mnist() -> Dataset:
    return load("mnist")


@pytest.fixture
def raw(tmp_path: Path) -> Path:
    """A folder of a tiny MNIST, six examples and four, below the root ``tmp_path``."""
    folder = tmp_path / "MNIST" / "raw"
    plant(folder, four_files(6, 4))
    return folder


@pytest.fixture
def no_network(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise AssertionError("the network was touched")

    for name in ("socket", "create_connection", "getaddrinfo"):
        monkeypatch.setattr(socket, name, refuse)


@pytest.fixture
def offline(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise URLError("Name or service not known")

    monkeypatch.setattr(torchvision.datasets.mnist, "download_and_extract_archive", refuse)


# MNIST, as it ships


def test_mnist_has_50000_10000_and_10000_examples_of_784_bytes(mnist: Dataset) -> None:
    assert [len(part) for part in (mnist.training, mnist.validation, mnist.test)] == [50_000, 10_000, 10_000]
    for part in (mnist.training, mnist.validation, mnist.test):
        assert part.images.shape == (len(part), 784)
        assert part.images.dtype == part.labels.dtype == np.uint8
        assert part.images.flags.c_contiguous
        assert part.labels.shape == (len(part),)
        assert set(part.labels) == set(range(10))


def test_validation_is_the_last_10000_of_the_training_file_byte_for_byte(mnist: Dataset) -> None:
    opened = torchvision.datasets.MNIST(ROOT, train=True, download=False)
    pixels, digits = opened.data.numpy().reshape(-1, 784), opened.targets.numpy()
    np.testing.assert_array_equal(mnist.training.images, pixels[:50_000])
    np.testing.assert_array_equal(mnist.validation.images, pixels[50_000:])
    np.testing.assert_array_equal(mnist.training.labels, digits[:50_000])
    np.testing.assert_array_equal(mnist.validation.labels, digits[50_000:])


def test_the_test_set_is_the_test_file_byte_for_byte(mnist: Dataset) -> None:
    opened = torchvision.datasets.MNIST(ROOT, train=False, download=False)
    np.testing.assert_array_equal(mnist.test.images, opened.data.numpy().reshape(-1, 784))
    np.testing.assert_array_equal(mnist.test.labels, opened.targets.numpy())


def test_no_validation_image_is_trained_on(mnist: Dataset) -> None:
    trained = {image.tobytes() for image in mnist.training.images}
    assert not any(image.tobytes() in trained for image in mnist.validation.images)
    assert not np.shares_memory(mnist.training.images, mnist.validation.images)


def test_head_shares_the_memory_and_stops_at_the_end(mnist: Dataset) -> None:
    first = mnist.test.head(7)
    assert len(first) == len(first.images) == 7
    assert np.shares_memory(first.images, mnist.test.images)
    assert len(first.head(8)) == 7
    with pytest.raises(ValueError, match=r"n: got -1, expected 0 or more"):
        first.head(-1)


def test_the_split_copies_no_image(mnist: Dataset) -> None:
    assert mnist.training.images.base is mnist.validation.images.base is not None


def test_without_a_download_torchvision_is_not_imported() -> None:
    code = "import sys; from torch_ref.data import load; load('mnist'); assert 'torchvision' not in sys.modules"
    subprocess.run([sys.executable, "-c", code], check=True, cwd=ROOT.parents[1])


@pytest.mark.usefixtures("no_network")
@pytest.mark.parametrize("name", ["mnist", "MNIST"])
def test_mnist_touches_no_network(name: str) -> None:
    assert load(name).name == "mnist"


def test_attribution_gives_the_md5_of_each_shipped_file() -> None:
    table = dict(re.findall(r"^\| (\S+-ubyte) \|.*\| ([0-9a-f]{32}) \|$", (ROOT / "ATTRIBUTION.md").read_text(), re.M))
    files = (ROOT / "MNIST" / "raw").iterdir()
    assert table == sources.MD5 == {f.name: hashlib.md5(f.read_bytes()).hexdigest() for f in files}


def test_a_changed_pixel_of_a_shipped_file_is_found(raw: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("torch_ref.data.sources.SHIPPED", tmp_path)
    monkeypatch.setattr("torch_ref.data.datasets.SHIPPED", tmp_path)
    digests = {file.name: hashlib.md5(file.read_bytes()).hexdigest() for file in raw.iterdir()}
    monkeypatch.setattr("torch_ref.data.datasets.MD5", digests)
    read(tmp_path, "mnist")
    content = bytearray((raw / TRAIN_IMAGES).read_bytes())
    content[-1] ^= 1
    (raw / TRAIN_IMAGES).write_bytes(content)
    with pytest.raises(DataError, match=rf"{TRAIN_IMAGES} was changed: its md5 is \w+, expected \w+; reinstall"):
        read(tmp_path, "mnist")


def test_importing_the_data_package_loads_no_torch() -> None:
    code = "import sys, torch_ref.data; assert not {'torch', 'torchvision'} & set(sys.modules)"
    subprocess.run([sys.executable, "-c", code], check=True, cwd=ROOT.parents[1])


# Broken files. Each edit is given the folder of a good tiny MNIST.


def rewrite(file: str, edit: Callable[[bytes], bytes]) -> Callable[[Path], None]:
    def change(raw: Path) -> None:
        (raw / file).write_bytes(edit((raw / file).read_bytes()))

    return change


def replace(file: str, magic: int, values: np.ndarray) -> Callable[[Path], None]:
    return rewrite(file, lambda _: idx(magic, values))


def make_folder(raw: Path) -> None:
    (raw / TRAIN_IMAGES).unlink()
    (raw / TRAIN_IMAGES).mkdir()


BROKEN = {
    "missing training images": (
        lambda raw: (raw / TRAIN_IMAGES).unlink(),
        f"{TRAIN_IMAGES} is missing: expected an IDX file of images there",
    ),
    "missing test labels": (
        lambda raw: (raw / TEST_LABELS).unlink(),
        f"{TEST_LABELS} is missing: expected an IDX file of labels there",
    ),
    "a folder in place of a file": (make_folder, f"{TRAIN_IMAGES} cannot be read (Is a directory)"),
    "truncated images": (
        rewrite(TRAIN_IMAGES, lambda b: b[:-1]),
        "is truncated: it has 4719 bytes, expected 4720 for the 6 images that its header announces",
    ),
    "truncated labels": (
        rewrite(TEST_LABELS, lambda b: b[:-2]),
        f"{TEST_LABELS} is truncated: it has 10 bytes, expected 12",
    ),
    "truncated header": (
        rewrite(TRAIN_IMAGES, lambda b: b[:7]),
        "is truncated: it has 7 bytes, expected more than the 16 of its header",
    ),
    "empty file": (rewrite(TRAIN_LABELS, lambda _: b""), f"{TRAIN_LABELS} is truncated: it has 0 bytes"),
    "bytes too many": (
        rewrite(TRAIN_LABELS, lambda b: b + b"\n"),
        f"{TRAIN_LABELS} is too long: it has 15 bytes, expected 14 for the 6 labels",
    ),
    "no images": (replace(TRAIN_IMAGES, IMAGES, images(0)), "announces 0 images, expected at least 1"),
    "wrong magic number": (
        rewrite(TRAIN_IMAGES, lambda b: b"\xff\xd8" + b[2:]),
        "begins with 0xffd80803, expected the magic number 0x00000803 of an IDX file of images",
    ),
    "labels in place of images": (
        replace(TRAIN_IMAGES, LABELS, labels(60)),
        "begins with 0x00000801, expected the magic number 0x00000803",
    ),
    "still gzipped": (
        rewrite(TRAIN_IMAGES, lambda b: b"\x1f\x8b\x08" + b),
        "is still packed by gzip: expected an IDX file of images; unpack it by gunzip",
    ),
    "images of 14x56": (
        replace(TRAIN_IMAGES, IMAGES, images(6).reshape(6, 14, 56)),
        "announces images of 14x56 values each, expected 28x28",
    ),
    "images of 32x32": (
        replace(TEST_IMAGES, IMAGES, np.zeros((4, 32, 32), np.uint8)),
        "announces images of 32x32 values each, expected 28x28",
    ),
    "fewer labels than images": (
        replace(TRAIN_LABELS, LABELS, labels(5)),
        f"holds 6 images in {TRAIN_IMAGES} but 5 labels in {TRAIN_LABELS}",
    ),
    "a label 10": (
        replace(TRAIN_LABELS, LABELS, np.array([0, 1, 10, 3, 255, 5], np.uint8)),
        f"{TRAIN_LABELS}: label 10 at index 2, expected 0 to 9 (2 of 6 labels are outside)",
    ),
}


def test_the_tiny_mnist_is_read_when_nothing_is_broken(raw: Path, tmp_path: Path) -> None:
    training, test = read(tmp_path, "mnist")
    np.testing.assert_array_equal(training.images, images(6).reshape(6, 784))
    np.testing.assert_array_equal(test.labels, labels(4))


@pytest.mark.usefixtures("no_network")
@pytest.mark.parametrize(("damage", "words"), BROKEN.values(), ids=BROKEN)
def test_broken_data_are_named(raw: Path, tmp_path: Path, damage: Callable[[Path], None], words: str) -> None:
    damage(raw)
    with pytest.raises(DataError) as error:
        read(tmp_path, "mnist")
    message = str(error.value)
    assert words in message
    assert str(raw.parent) in message, "names the place"
    assert re.search("; (put the unpacked files of MNIST there, or name no|unpack it)", message), "the way out"
    assert "\n" not in message


def test_too_few_examples_for_a_validation_set_are_refused(raw: Path, tmp_path: Path) -> None:
    with pytest.raises(DataError, match="holds 6 training examples, expected more than 10000"):
        load("mnist", tmp_path)


def test_a_label_of_qmnist_that_a_byte_would_wrap_into_range_is_found(tmp_path: Path) -> None:
    wrong = provenance(6)
    wrong[3, 0] = 256 + 7
    files = qmnist_files(6, 4) | {"qmnist-train-labels-idx2-int": idx(QMNIST_LABELS, wrong)}
    plant(tmp_path / "QMNIST" / "raw", files)
    with pytest.raises(DataError, match=r"label 263 at index 3, .* delete the file and run once with a network"):
        read(tmp_path, "qmnist")


# The four siblings, in the layout that torchvision expects


@pytest.mark.usefixtures("no_network")
@pytest.mark.parametrize("name", LAYOUTS)
def test_a_sibling_that_is_there_is_opened_upright_and_split(name: str, tmp_path: Path) -> None:
    folder, files = LAYOUTS[name]
    plant(tmp_path / folder / "raw", files(10_003, 5))
    dataset = load(name.upper(), tmp_path)
    assert dataset.name == name
    assert [len(part) for part in (dataset.training, dataset.validation, dataset.test)] == [3, 10_000, 5]
    expected = images(10_003).reshape(-1, 784)
    np.testing.assert_array_equal(dataset.training.images, expected[:3])
    np.testing.assert_array_equal(dataset.validation.images, expected[3:])
    np.testing.assert_array_equal(dataset.validation.labels, labels(10_003)[3:])
    np.testing.assert_array_equal(dataset.test.labels, labels(5))
    assert dataset.test.images.flags.c_contiguous
    assert dataset.test.labels.dtype == np.uint8


def test_of_qmnist_the_first_10000_test_examples_are_taken(tmp_path: Path) -> None:
    plant(tmp_path / "QMNIST" / "raw", qmnist_files(1, 10_002))
    _, test = read(tmp_path, "qmnist")
    np.testing.assert_array_equal(test.images, images(10_000).reshape(-1, 784))
    np.testing.assert_array_equal(test.labels, labels(10_000))


def test_torchvision_alone_gives_emnist_mirrored(tmp_path: Path) -> None:
    plant(tmp_path / "EMNIST" / "raw", emnist_files(2, 2))
    opened = torchvision.datasets.EMNIST(tmp_path, split="digits", train=True, download=False)
    assert opened.data[0, 20, 2] == 255  # the reason for the transposition: the planted pixel is at [2, 20]
    training, _ = read(tmp_path, "emnist-digits")
    assert training.images[0].reshape(28, 28)[2, 20] == 255


# Downloads


@pytest.mark.usefixtures("offline")
@pytest.mark.parametrize("name", LAYOUTS)
def test_offline_the_set_the_folder_and_the_ways_out_are_named(name: str, tmp_path: Path) -> None:
    folder, files = LAYOUTS[name]
    with pytest.raises(DataError) as error:
        load(name, tmp_path)
    message = str(error.value)
    assert message.startswith(f"{name} is not complete in {tmp_path / folder / 'raw'} and could not be downloaded")
    assert "Name or service not known" in message
    assert all(file in message for file in files(1, 1))
    for way in ("put these files there", "run once with a network", "--dataset mnist"):
        assert way in message
    assert "\n" not in message


@pytest.mark.usefixtures("offline")
def test_the_cache_is_backproof_data_or_in_the_home_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    for given, folder in (
        ("", "home/.cache/backproof"),
        (str(tmp_path / "data"), "data"),
        ("~/mine", "home/mine"),
    ):
        monkeypatch.setenv("BACKPROOF_DATA", given)
        with pytest.raises(DataError, match=re.escape(f"{tmp_path / folder / 'KMNIST' / 'raw'} ")):
            load("kmnist")


@pytest.mark.usefixtures("offline")
def test_a_sibling_of_which_one_file_is_missing_is_downloaded_again(tmp_path: Path) -> None:
    files = four_files(6, 4)
    del files[TEST_LABELS]
    plant(tmp_path / "KMNIST" / "raw", files)
    with pytest.raises(DataError, match="kmnist is not complete"):
        read(tmp_path, "kmnist")


def test_a_pickle_that_torchvision_would_open_in_place_of_a_download_is_refused(tmp_path: Path) -> None:
    processed = tmp_path / "KMNIST" / "processed"
    processed.mkdir(parents=True)
    (processed / "training.pt").write_bytes(b"")
    with pytest.raises(DataError, match=r"training.pt is a pickle, which torchvision would open .* move it away"):
        read(tmp_path, "kmnist")
    plant(tmp_path / "KMNIST" / "raw", four_files(6, 4))
    assert len(read(tmp_path, "kmnist")[0]) == 6  # it is not asked


def test_a_download_leaves_stdout_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    content = four_files(6, 4)

    def download(url: str, download_root: str, filename: str, md5: str) -> None:
        print(f"Downloading {url}")
        file = filename.removesuffix(".gz")
        (Path(download_root) / file).write_bytes(content[file])

    monkeypatch.setattr(torchvision.datasets.mnist, "download_and_extract_archive", download)
    training, _ = read(tmp_path, "kmnist")
    assert isinstance(training, Examples)
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err.count("Downloading") == 4


def test_a_server_that_never_answers_is_given_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("no_proxy", "*")
    monkeypatch.setattr(sources, "PATIENCE", 0.2)
    before = socket.getdefaulttimeout()
    with socket.create_server(("127.0.0.1", 0)) as silent:
        address = f"http://127.0.0.1:{silent.getsockname()[1]}/"
        monkeypatch.setattr(torchvision.datasets.KMNIST, "mirrors", [address])
        with pytest.raises(DataError, match=r"could not be downloaded \(.*timed out.*\)"):
            load("kmnist", tmp_path)
    assert socket.getdefaulttimeout() == before


@pytest.mark.skipif(os.name == "nt", reason="a refused connection takes seconds there")
def test_a_refused_connection_is_reported(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("no_proxy", "*")
    with socket.create_server(("127.0.0.1", 0)) as closed:
        address = f"http://127.0.0.1:{closed.getsockname()[1]}/"
    monkeypatch.setattr(torchvision.datasets.FashionMNIST, "mirrors", [address])
    with pytest.raises(DataError, match=r"could not be downloaded \(.*[Rr]efused.*\)"):
        load("fashionmnist", tmp_path)


# Names


@pytest.mark.parametrize(
    ("name", "near"),
    [
        ("minst", "mnist"),
        ("Fashion", "fashionmnist"),
        ("fashion-mnist", "fashionmnist"),
        ("emnist", "emnist-digits"),
    ],
)
def test_a_misspelt_name_is_answered_by_the_nearest(name: str, near: str) -> None:
    with pytest.raises(DataError) as error:
        load(name)
    assert str(error.value) == f"dataset: got {name!r}, expected one of {', '.join(NAMES)}; did you mean {near}?"


@pytest.mark.parametrize("name", ["cifar10", ""])
def test_a_name_like_no_other_is_answered_by_all_of_them(name: str) -> None:
    with pytest.raises(DataError, match=f"expected one of {', '.join(NAMES)}; give one of these"):
        load(name)
