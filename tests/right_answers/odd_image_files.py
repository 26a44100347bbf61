# Right answers to the exercises on odd image files, other than the book's own.

# O.1
means = [152.5, 64.75]

# O.1
values = np.array([0, 100, 1000, 65535])
means = (values.clip(max=255).mean(), (values / 257).round().mean())


# O.2
def disagreements(paths, one, other, levels=4):
    found = []
    for path in paths:
        images = []
        for read in (one, other):
            try:
                images.append(read(path).double().numpy())
            except (OSError, RuntimeError, ValueError, TypeError):
                images.append(None)
        a, b = images
        if a is None and b is None:
            continue
        if a is None or b is None or a.shape != b.shape:
            found.append(path)
        elif np.abs(a - b).mean() > levels:
            found.append(path)
    return found


# O.2
def disagreements(paths, one, other, levels=4):
    def read(reader, path):
        with contextlib.suppress(Exception):
            return reader(path).int()

    for path in paths:
        a, b = read(one, path), read(other, path)
        if a is None and b is None:
            continue
        if a is not None and b is not None and a.shape == b.shape:
            if (a - b).abs().float().mean() <= levels:
                continue
        yield path


# O.3
def oddities(path):
    try:
        image = Image.open(path)
        image.load()
    except Exception:
        return {"broken"}
    words = {
        "turned": image.getexif().get(0x0112, 1) in range(2, 9),
        "deep": image.mode in ("I", "F") or image.mode.startswith("I;16"),
        "transparent": "A" in image.getbands() or "transparency" in image.info,
    }
    return {word for word, there in words.items() if there}


# O.3
def oddities(path):
    try:
        with Image.open(path) as file:
            upright = ImageOps.exif_transpose(file)
            tag = file.getexif().get(ExifTags.Base.Orientation, 1)
    except (OSError, SyntaxError, ValueError):
        return {"broken"}
    found = {"turned"} if tag > 1 else set()
    if np.asarray(upright).dtype.itemsize > 1:
        found |= {"deep"}
    if upright.has_transparency_data:
        found |= {"transparent"}
    return found
