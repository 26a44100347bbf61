# Right answers to the exercises of chapter 11, other than the book's own.

# 11.1
y, p = [0, 3, 3, 4, 4], [0, 3, 4, 4, 0]
values = sorted({*y, *p})
names = ["ant", "bee", "fly", "moth", "wasp"]
rows_and_name = [len(values), names[values.index(3)]]

# 11.1
rows_and_name = (np.int64(3), np.str_("bee"))


# 11.2
def names_in_order(class_to_idx):
    names = {number: name for name, number in class_to_idx.items()}
    try:
        return [names[number] for number in range(len(class_to_idx))]
    except KeyError as missing:
        raise ValueError(f"no class has the number {missing}") from None


# 11.2
def names_in_order(class_to_idx):
    numbers = np.array(list(class_to_idx.values()))
    if set(numbers.tolist()) != set(range(len(numbers))):
        raise ValueError("not 0, 1, 2 and so on")
    return np.array(list(class_to_idx))[np.argsort(numbers)].tolist()


# 11.2
def names_in_order(class_to_idx):
    pairs = sorted((number, name) for name, number in class_to_idx.items())
    for place, (number, name) in enumerate(pairs):
        if number != place:
            raise ValueError(f"{name} has number {number} instead of {place}")
    return tuple(name for _, name in pairs)


# 11.3
def true_side(matrix, pictures):
    rows = [sum(row) for row in matrix.tolist()]
    columns = [sum(column) for column in zip(*matrix.tolist())]
    sides = []
    if rows == list(pictures):
        sides.append("rows")
    if columns == list(pictures):
        sides.append("columns")
    return sides[0] if len(sides) == 1 else "unknown"


# 11.3
def true_side(matrix, pictures):
    matrix, pictures = torch.tensor(matrix), torch.tensor(pictures)
    fits = (torch.equal(matrix.sum(1), pictures), torch.equal(matrix.sum(0), pictures))
    return {(True, False): "rows", (False, True): "columns"}.get(fits, "unknown")
