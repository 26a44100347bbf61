# Wrong answers to the exercises on odd image files, and what each must be told.

# O.1: the first is a mean of 16-bit values
means = (66635 / 4, 259 / 4)

# O.1: what becomes of 100
means = (259 / 4, 259 / 4)

# O.1: rounds each pixel
means = (610 / 4, 66635 / 257 / 4)

# O.1: it isn't a pair
means = 152.5


# O.2: or nearly equal ones
def disagreements(paths, one, other, levels=4):
    """Subtract bytes, which wrap around below 0."""

    def attempt(read, path):
        try:
            return read(path)
        except OSError:
            return None

    found = []
    for path in paths:
        a, b = attempt(one, path), attempt(other, path)
        if a is None or b is None:
            if a is not b:
                found.append(path)
        elif a.shape != b.shape or (a - b).float().abs().mean() > levels:
            found.append(path)
    return found


# O.2: or nearly equal ones
def disagreements(paths, one, other, levels=4):
    """Ask whether they are equal."""
    return [p for p in paths if not torch.equal(one(p), other(p))]


# O.2: a darker image isn
def disagreements(paths, one, other, levels=4):
    """Forget that a difference has a sign."""
    return [p for p in paths if (other(p).float() - one(p).float()).mean() > levels]


# O.2: images of different sizes
def disagreements(paths, one, other, levels=4):
    """Compare the means only."""
    return [
        p
        for p in paths
        if abs(one(p).float().mean() - other(p).float().mean()) > levels
    ]


# O.2: an error of one reader
def disagreements(paths, one, other, levels=4):
    """Let errors through."""
    return [
        p
        for p in paths
        if one(p).shape != other(p).shape
        or (one(p).float() - other(p).float()).abs().mean() > levels
    ]


# O.2: neither can read
def disagreements(paths, one, other, levels=4):
    """Report a file that neither reader can read."""

    def differ(path):
        try:
            a, b = one(path).float(), other(path).float()
        except OSError:
            return True
        return a.shape != b.shape or (a - b).abs().mean() > levels

    return [path for path in paths if differ(path)]


# O.3: called broken alone
def oddities(path):
    """Open the file without decoding it."""
    try:
        with Image.open(path) as file:
            tag = file.getexif().get(ExifTags.Base.Orientation, 1)
            found = {"turned"} if tag != 1 else set()
            if file.mode[0] in "IF":
                found.add("deep")
            if file.has_transparency_data:
                found.add("transparent")
            return found
    except OSError:
        return {"broken"}


# O.3: asks for no turn counts
def oddities(path):
    """Take any tag for a turn."""
    with Image.open(path) as file:
        turned = ExifTags.Base.Orientation in file.getexif()
        return {"turned"} if turned else set()


# O.3: a transparent colour in a palette
def oddities(path):
    """Look for transparency in the mode alone."""
    try:
        with Image.open(path) as file:
            file.load()
    except OSError:
        return {"broken"}
    turned = file.getexif().get(ExifTags.Base.Orientation, 1) != 1
    found = {"turned"} if turned else set()
    found |= {"deep"} if file.mode[0] in "IF" else set()
    return found | ({"transparent"} if "A" in file.mode else set())


# O.3: one is missing
def oddities(path):
    """Stop at the first oddity."""
    try:
        with Image.open(path) as file:
            file.load()
    except OSError:
        return {"broken"}
    if file.getexif().get(ExifTags.Base.Orientation, 1) != 1:
        return {"turned"}
    if file.mode[0] in "IF":
        return {"deep"}
    return {"transparent"} if file.has_transparency_data else set()


# O.3: an ordinary file
def oddities(path):
    """Call every file broken."""
    return {"broken"}


# O.3: CMYK or 16-bit colour
def oddities(path):
    """Call everything odd that is not RGB."""
    with Image.open(path) as file:
        return set() if file.mode == "RGB" else {"deep"}
