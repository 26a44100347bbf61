"""Damaged files, deep values and extreme sizes: refused or right, never wrong."""

import io
import struct

import numpy as np
import pytest
import torch
from PIL import Image, ImageOps
from torchvision.transforms import v2
from torchvision.transforms.v2 import functional as tv

from helpers.command import doctor
from helpers.data import image_files, images, solids
from helpers.data.audit.one_image import inspect
from helpers.data.images import eval_transform, read_image, train_transform
from helpers.data.loading import ImageFolder, channel_statistics
from helpers.errors import UserError
from toys import call, train_options

END = b"\xff\xd9"  # how a JPEG ends


def photo(width=120, height=90, seed=0, noise=6):
    """Something like a photograph: smooth colours, and a little noise."""
    rng = np.random.default_rng(seed)
    coarse = rng.integers(0, 256, (max(2, height // 20), max(2, width // 20), 3))
    image = Image.fromarray(coarse.astype(np.uint8)).resize((width, height))
    noisy = np.asarray(image) + rng.normal(0, noise, (height, width, 1))
    return Image.fromarray(noisy.clip(0, 255).astype(np.uint8))


def encoded(image=None, format="JPEG", **options):
    stream = io.BytesIO()
    (image or photo()).save(stream, format, **options)
    return stream.getvalue()


def pillows(content):
    """What Pillow makes of a file: ``[3, H, W]``, upright."""
    with Image.open(io.BytesIO(content)) as image:
        return tv.pil_to_tensor(ImageOps.exif_transpose(image).convert("RGB"))


def findings(path):
    with open(path, "rb") as stream:
        return inspect(stream)


@pytest.fixture(params=["TorchCodec", "Pillow"])
def decoder(request, monkeypatch):
    """Every reader but simplejpeg, one after the other."""
    if request.param == "Pillow":
        monkeypatch.setattr(images, "decode_image", None)
    return request.param


# --- damaged JPEG files -------------------------------------------------------


# None of them makes a marker: at a false one, every decoder stops.


def zero(content, rng):
    """Lose the second half but for its end, as on a failing disk."""
    return content[: len(content) // 2] + bytes(len(content) // 2 - 2) + content[-2:]


def foreign(content, rng):
    """Put text into the middle, where an eighth of the file was."""
    length, middle = len(content) // 8, len(content) // 2
    text = b"<html>404 Not Found</html>\n" * length
    return content[:middle] + text[:length] + content[middle + length :]


def change(content, rng, count=400):
    """Change bytes among the pixels, here and there."""
    spoilt = np.frombuffer(content, np.uint8).copy()
    first = content.index(b"\xff\xda") + 14  # the pixels begin behind this
    pixels = spoilt[first:-2]
    ordinary = np.flatnonzero((pixels != 0xFF) & (np.roll(pixels, 1) != 0xFF))
    places = rng.permutation(ordinary)[: min(count, len(ordinary) // 2)]
    pixels[places] = rng.integers(0, 0xFF, len(places))
    return spoilt.tobytes()


DAMAGES = [zero, foreign, change]
SHAPES = [(64, 64), (160, 120), (224, 224), (300, 400)]
QUALITIES = [30, 60, 75, 85, 95]


@pytest.mark.parametrize("damage", DAMAGES)
def test_damaged_jpegs_are_found(tmp_path, damage):
    """Of 60 of each kind, 55 or more."""
    rng = np.random.default_rng(0)
    found = 0
    for k in range(60):
        shape, quality = SHAPES[k % len(SHAPES)], QUALITIES[k % len(QUALITIES)]
        content = encoded(
            photo(*shape, seed=k),
            quality=quality,
            subsampling=k % 3,
            progressive=k % 7 == 0,
        )
        path = tmp_path / "damaged.jpg"
        path.write_bytes(damage(content, rng))
        try:
            read_image(path)
        except UserError:
            found += 1
    assert found >= 55


@pytest.mark.parametrize("damage", DAMAGES)
def test_a_damaged_jpeg_stops_reading_and_is_in_the_audit(
    tmp_path, capfd, decoder, damage
):
    path = tmp_path / "holiday.jpg"
    content = encoded(photo(500, 375), quality=85)
    path.write_bytes(damage(content, np.random.default_rng(0)))
    with pytest.raises(UserError, match=r"holiday\.jpg cannot be read as an image"):
        read_image(path)
    assert findings(path) == ["broken-image"]
    assert capfd.readouterr() == ("", "")  # libjpeg would print, and name no file


def test_training_stops_with_a_sentence_at_a_damaged_jpeg(make_images, tmp_path, capfd):
    root = make_images("photos", ["cat", "dog"], count=6)
    for name in ("cat", "dog"):
        spoilt = foreign(encoded(photo(500, 375)), None)
        (root / name / "spoilt.jpg").write_bytes(spoilt)
    done = call(*train_options(root, tmp_path / "m.pt", epochs=1))
    assert done.exit_code == 1
    assert "spoilt.jpg cannot be read as an image (" in done.stderr
    assert done.stderr.count("\n") == 1
    assert "Corrupt JPEG" not in capfd.readouterr().err
    told = call("audit", root)
    assert told.exit_code == 1
    assert "or only with wrong pixels" in told.stdout


def test_without_simplejpeg_a_damaged_jpeg_is_read_as_before(tmp_path, monkeypatch):
    path = tmp_path / "holiday.jpg"
    content = encoded()
    path.write_bytes(content)
    whole = read_image(path)
    path.write_bytes(content[: len(content) // 2] + bytes(50) + END)
    monkeypatch.setattr(image_files, "simplejpeg", None)
    monkeypatch.setattr(doctor, "_version", lambda _: None)
    line = doctor.package("simplejpeg", "1.8")
    assert line.state is doctor.State.SKIPPED
    assert "damaged JPEG files are read, with wrong pixels" in line.meaning
    assert not image_files.check_jpeg(content)
    assert read_image(path).shape == whole.shape
    path.write_bytes(content)
    assert torch.equal(read_image(path), whole)


def test_damage_behind_an_odd_header_is_found():
    """libjpeg gives its first warning only: that about the header."""
    content = encoded().replace(b"JFIF\0\x01", b"JFIF\0\x07")
    assert image_files.check_jpeg(content)
    with pytest.raises(ValueError, match="Corrupt JPEG data: premature end"):
        image_files.check_jpeg(zero(content, None))


@pytest.mark.parametrize("progressive", [False, True])
def test_zeros_that_were_pixels_are_no_padding(progressive):
    """Decoders take as many of them for pixels as they need, and leave the rest."""
    for k in range(40):
        image = photo(64, 64, seed=k, noise=1)
        content = encoded(image, progressive=progressive, optimize=True)
        scan = content.rindex(b"\xff\xda")  # the last, if there are several
        kept = content[: (scan + len(content)) // 2]
        spoilt = kept + bytes(len(content) - len(kept)) + END
        with pytest.raises(ValueError, match="JPEG"):
            image_files.check_jpeg(spoilt)


# --- odd JPEG files that are whole --------------------------------------------


def with_orientation(number, **options):
    exif = Image.Exif()
    exif[0x0112] = number
    return encoded(exif=exif, **options)


def adobe(transform):
    return b"\xff\xee\x00\x0eAdobe\0d\0\0\0\0" + bytes([transform])


PLAIN = encoded()
CMYK = encoded(photo().convert("CMYK"))
TABLE = PLAIN.index(b"\xff\xdb")  # behind the JFIF header
SCAN = PLAIN.index(b"\xff\xda")
THUMBNAIL = b"\xff\xe1" + struct.pack(">H", len(PLAIN) + 8) + b"Exif\0\0" + PLAIN

WHOLE = {
    "plain": PLAIN,
    "progressive": encoded(progressive=True),
    "greyscale": encoded(photo().convert("L")),
    "greyscale, progressive": encoded(photo().convert("L"), progressive=True),
    "4:4:4": encoded(subsampling="4:4:4"),
    "4:2:2": encoded(subsampling="4:2:2"),
    "4:2:0": encoded(subsampling="4:2:0"),
    "4:1:1": encoded(subsampling="4:1:1"),
    "RGB": encoded(keep_rgb=True),
    "CMYK": CMYK,
    "restart markers": encoded(restart_marker_rows=1),
    "restart markers, often": encoded(restart_marker_blocks=3),
    "zeros after the end": PLAIN + bytes(100),
    "text after the end": PLAIN + b"<html>" * 50,
    "a phone's two pictures": encoded(
        format="MPO", save_all=True, append_images=[photo(seed=1)]
    ),
    "a profile": encoded(icc_profile=b"x" * 100_000),
    "a comment": encoded(comment=b"made by \xff\xd9 hand"),
    "a thumbnail": PLAIN[:TABLE] + THUMBNAIL + PLAIN[TABLE:],
    "filling in the header": PLAIN[:TABLE] + b"\xff" * 3 + PLAIN[TABLE:],
    "filling before the end": PLAIN[:-2] + b"\xff" * 20 + END,
    "no JFIF header": PLAIN[:2] + PLAIN[TABLE:],
    "JFIF 3.1": PLAIN.replace(b"JFIF\0\x01", b"JFIF\0\x03"),
    "zeros in the header": PLAIN[:TABLE] + bytes(3) + PLAIN[TABLE:],
    "a zero before the end": PLAIN[:-2] + bytes(1) + END,
    "zeros before the end": PLAIN[:-2] + bytes(20) + END,
    "and something after it": PLAIN[:-2] + bytes(20) + END + PLAIN,
    "an Adobe header": PLAIN[:2] + adobe(1) + PLAIN[TABLE:],
    "an odd Adobe header": PLAIN[:2] + adobe(5) + PLAIN[TABLE:],
    "YCCK": CMYK.replace(adobe(0), adobe(2)),
    "an odd Adobe header, CMYK": CMYK.replace(adobe(0), adobe(5)),
    "a scan from the 1990s": PLAIN[: SCAN + 11] + bytes(3) + PLAIN[SCAN + 14 :],
    **{f"orientation {k}": with_orientation(k) for k in range(10)},
    "orientation, greyscale": with_orientation(6, image=photo().convert("L")),
    "orientation, CMYK": with_orientation(6, image=photo().convert("CMYK")),
}


@pytest.mark.parametrize("name", WHOLE)
def test_a_whole_jpeg_passes_with_the_pixels_of_every_decoder(tmp_path, name):
    content = WHOLE[name]
    path = tmp_path / "odd.jpg"
    path.write_bytes(content)
    image = read_image(path)
    assert torch.equal(image, pillows(content))
    if images.decode_image:
        assert torch.equal(image, images.decode_image(content))
    assert "broken-image" not in findings(path)


def test_all_solids_pass():
    for path in sorted(solids.solids_root().rglob("*.jpg")):
        assert image_files.check_jpeg(path.read_bytes()), path.name


def test_a_rare_layout_of_colours_passes_unchecked(tmp_path):
    """TurboJPEG does not know 4:1:0, so its damage cannot be told."""
    at = PLAIN.index(b"\xff\xc0")
    assert encoded(subsampling="4:2:0")[at + 11] == 0x22
    content = PLAIN.replace(b"\x03\x01\x22\x00\x02\x11", b"\x03\x01\x31\x00\x02\x11")
    assert content != PLAIN
    assert not image_files.check_jpeg(content)
    path = tmp_path / "rare.jpg"
    path.write_bytes(content)
    assert read_image(path).shape == pillows(content).shape


# --- other formats --------------------------------------------------------------


@pytest.mark.parametrize("damage", DAMAGES)
def test_a_damaged_png_is_found(tmp_path, decoder, damage):
    """By its checksums; Pillow decodes a PNG without a look at them."""
    content = encoded(format="PNG")
    start = content.index(b"IDAT") - 4
    path = tmp_path / "holiday.png"
    rng = np.random.default_rng(0)
    if damage is change:
        spoilt = bytearray(content)
        spoilt[start + 200] ^= 1
    else:
        spoilt = damage(content, rng)
    path.write_bytes(spoilt)
    with pytest.raises(UserError, match=r"holiday\.png cannot be read as an image"):
        read_image(path)
    assert findings(path) == ["broken-image"]


# --- 16 bits and more -------------------------------------------------------------

DEEP = np.random.default_rng(0).integers(0, 2**16, (20, 30, 3)).astype(np.uint16)
GREY = DEEP[..., 0]


def tiff(values, order="<", *, bits=16, kind=1, white_is_zero=False):
    """Return an uncompressed TIFF file; Pillow writes less than it reads.

    Args:
        values: ``[H, W]`` or ``[H, W, 3]``, or the bytes of a 30 x 20 image.
        kind: 1 for unsigned integers, 2 for signed ones, 3 for floats.
    """
    colours = 3 if getattr(values, "ndim", 2) == 3 else 1
    if isinstance(values, bytes):
        pixels = values
    else:
        pixels = values.astype(values.dtype.newbyteorder(order)).tobytes()
    photometric = 2 if colours == 3 else 0 if white_is_zero else 1
    tags = {
        256: 30, 257: 20, 258: bits, 259: 1, 262: photometric, 273: 8, 277: colours,
        278: 20, 279: len(pixels), 339: kind,
    }  # fmt: skip
    extra = b""
    entries = []
    behind = 8 + len(pixels) + 2 + 12 * len(tags) + 4
    for tag, value in tags.items():
        if tag in (258, 339) and colours == 3:
            entries.append(struct.pack(order + "HHII", tag, 3, 3, behind + len(extra)))
            extra += struct.pack(order + "HHH", *[value] * 3)
        else:
            entries.append(struct.pack(order + "HHII", tag, 4, 1, value))
    head = {"<": b"II*\0", ">": b"MM\0*"}[order]
    head += struct.pack(order + "I", 8 + len(pixels))
    directory = struct.pack(order + "H", len(tags)) + b"".join(entries)
    return head + pixels + directory + bytes(4) + extra


def in_12_bits(values):
    """Pack ``[H, W]`` values below 4,096, two in three bytes."""
    first, second = values[:, ::2].astype(int), values[:, 1::2].astype(int)
    parts = first >> 4, (first & 15) << 4 | second >> 8, second & 255
    return np.stack(parts, 2).astype(np.uint8).tobytes()


def netpbm(values, most=65535):
    head = b"P6" if values.ndim == 3 else b"P5"
    return head + b"\n30 20\n%d\n" % most + values.astype(">u2").tobytes()


def png16(values):
    """A PNG of 16 bits a value, of grey or RGB; Pillow writes no RGB of 16 bits."""
    from zlib import compress, crc32

    def chunk(name, content):
        return (
            struct.pack(">I", len(content))
            + name
            + content
            + struct.pack(">I", crc32(name + content))
        )

    rows = b"".join(b"\0" + row.astype(">u2").tobytes() for row in values)
    kind = 2 if values.ndim == 3 else 0
    header = struct.pack(">IIBBBBB", 30, 20, 16, kind, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", header)
        + chunk(b"IDAT", compress(rows))
        + chunk(b"IEND", b"")
    )


DEEP_FILES = {
    "grey.tif": (tiff(GREY), GREY),
    "grey, most significant byte first.tif": (tiff(GREY, ">"), GREY),
    "0 is white.tif": (tiff(GREY, white_is_zero=True), 65535 - GREY),
    "12 bits.tif": (tiff(in_12_bits(GREY >> 4), bits=12), (GREY >> 4) * (65535 / 4095)),
    "rgb.tif": (tiff(DEEP), DEEP),
    "rgb, most significant byte first.tif": (tiff(DEEP, ">"), DEEP),
    "deflated.tif": (
        encoded(Image.fromarray(GREY), "TIFF", compression="tiff_adobe_deflate"), GREY
    ),
    "grey.png": (png16(GREY), GREY),
    "rgb.png": (png16(DEEP), DEEP),
    "grey.pgm": (netpbm(GREY), GREY),
    "grey, 12 bits.pgm": (netpbm(GREY >> 4, 4095), (GREY >> 4) * (65535 / 4095)),
    "rgb.ppm": (netpbm(DEEP), DEEP),
}  # fmt: skip


@pytest.mark.parametrize("name", DEEP_FILES)
def test_16_bits_are_scaled_to_8(tmp_path, decoder, name):
    content, values = DEEP_FILES[name]
    path = tmp_path / name
    path.write_bytes(content)
    image = read_image(path).permute(1, 2, 0).numpy().astype(float)
    expected = values / 257  # 65,535 / 255
    if expected.ndim == 2:
        expected = expected[..., None]
        assert abs(image - expected).max() <= 0.5 + 1e-6  # rounded
    assert abs(image - expected).max() <= 1  # Pillow cuts RGB
    grey = expected.shape[-1] == 1
    assert findings(path) == ["tiny: a side below 32 pixels"] + ["16-bit"] * grey


NO_RANGE = {
    "floats.tif": tiff(GREY.astype(np.float32), bits=32, kind=3),
    "floats, other order.tif": tiff(GREY.astype(np.float32), ">", bits=32, kind=3),
    "unit floats.tif": tiff((GREY / 65535).astype(np.float32), bits=32, kind=3),
    "integers.tif": tiff(GREY.astype(np.uint32), bits=32),
    "signed.tif": tiff(GREY.astype(np.int32), bits=32, kind=2),
    "signed, 16 bits.tif": tiff(GREY.astype(np.int16), kind=2),
    "floats.pgm": b"Pf\n30 20\n-1.0\n" + GREY.astype("<f4").tobytes(),
}


@pytest.mark.parametrize("name", NO_RANGE)
def test_values_without_a_range_are_refused(tmp_path, decoder, name):
    path = tmp_path / name
    path.write_bytes(NO_RANGE[name])
    with pytest.raises(UserError, match="does not say which of them is white: scale"):
        read_image(path)
    assert "no-range" in findings(path)


# --- extreme sizes -----------------------------------------------------------------


@pytest.mark.parametrize("shape", [(1, 30_000), (30_000, 1), (2, 9_000)])
def test_a_line_is_never_resized_whole(monkeypatch, make_images, shape):
    """30,000 x 1 pixels were 7.68 million x 256, of which a crop kept 224."""
    asked = []
    resize = v2.Resize.transform

    def watch(self, inpt, params):
        asked.append(inpt.shape)
        return resize(self, inpt, params)

    monkeypatch.setattr(v2.Resize, "transform", watch)
    line = torch.randint(0, 256, (3, *shape), dtype=torch.uint8)
    assert eval_transform(224)(line).shape == (3, 224, 224)
    assert train_transform(224)(line).shape == (3, 224, 224)
    root = make_images("lines", ["a", "b"], count=1)
    for name in ("a", "b"):
        Image.fromarray(line.permute(1, 2, 0).numpy()).save(root / name / "line.png")
    channel_statistics(ImageFolder(root), size=224)
    assert len(asked) == 1 + 4
    assert max(max(size) / min(size[1:]) for size in asked) <= images.LONGEST


@pytest.mark.parametrize("shape", [(96, 96), (375, 500), (500, 333), (40, 1280)])
def test_ordinary_images_are_resized_as_ever(shape):
    image = torch.randint(0, 256, (3, *shape), dtype=torch.uint8)
    usual = v2.Compose([v2.Resize(256, antialias=True), v2.CenterCrop(224)])
    assert torch.equal(eval_transform(224, None, None)(image), usual(image))


def test_of_a_line_the_middle_is_kept():
    line = torch.zeros(3, 1, 30_001, dtype=torch.uint8)
    line[..., 14_999:15_002] = 255
    kept = eval_transform(32, None, None)(line)
    assert kept.min() == 255


@pytest.mark.parametrize("format", ["JPEG", "PNG", "WEBP", "GIF", "BMP", "TIFF"])
def test_more_pixels_than_pillow_opens_are_refused(
    tmp_path, monkeypatch, decoder, format
):
    """20,000 x 20,000 pixels of one colour are a file of 2 MB, and 1.2 GB as pixels."""
    path = tmp_path / f"huge.{format.lower()}"
    Image.new("RGB", (60, 50)).save(path, format)
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", 1_499)
    decoded = []
    monkeypatch.setattr(
        torch, "frombuffer", lambda *args, **_: decoded.append(args)
    )  # what TorchCodec begins with
    with pytest.raises(UserError, match=r"huge\.\w+ has so many pixels .*: scale it"):
        read_image(path)
    assert not decoded
    assert findings(path) == ["bomb-image"]
    monkeypatch.undo()
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", None)  # the user has lifted it
    assert read_image(path).shape == (3, 50, 60)


@pytest.mark.parametrize("format", ["JPEG", "PNG", "WEBP", "BMP", "TIFF", "PPM"])
def test_one_pixel_is_an_image(tmp_path, decoder, format):
    path = tmp_path / f"one.{format.lower()}"
    Image.new("RGB", (1, 1), "white").save(path, format)
    image = read_image(path)
    assert image.tolist() == [[[255]]] * 3
    for transform in (eval_transform, train_transform):
        assert transform(16, None, None)(image).min() == 255


EMPTY = {
    "empty.png": b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR" + bytes(8) + b"\x08\2\0\0\0",
    "empty.ppm": b"P6\n0 0\n255\n",
    "empty.bmp": encoded(format="BMP")[:18] + bytes(8) + encoded(format="BMP")[26:],
    "empty.jpg": PLAIN.replace(struct.pack(">HH", 90, 120), bytes(4)),
    "empty.gif": b"GIF89a" + bytes(7) + b"," + bytes(9) + b"\2\0;",
}


@pytest.mark.parametrize("name", EMPTY)
def test_no_pixel_is_no_image(tmp_path, decoder, name):
    path = tmp_path / name
    path.write_bytes(EMPTY[name])
    with pytest.raises(UserError, match=name):
        read_image(path)
    assert findings(path) == ["broken-image"]
