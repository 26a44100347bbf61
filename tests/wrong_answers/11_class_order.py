# Wrong answers to the exercises of chapter 11, and what each must be told.

# 11.1: a pair
rows_and_name = 3


# 11.1: one of the five names
rows_and_name = (3, "class 3")


# 11.1: get no row
rows_and_name = (5, "moth")


# 11.1: count the values
rows_and_name = (4, "bee")


# 11.1: it counts rows
rows_and_name = (3, "moth")


# 11.1: counted from the top
rows_and_name = (3, "fly")


# 11.2: return a list
def names_in_order(class_to_idx):
    return {number: name for name, number in class_to_idx.items()}


# 11.2: order of the dictionary
def names_in_order(class_to_idx):
    return list(class_to_idx)


# 11.2: alphabetical order
def names_in_order(class_to_idx):
    return sorted(class_to_idx)


# 11.2: a gap: raise ValueError
def names_in_order(class_to_idx):
    return sorted(class_to_idx, key=class_to_idx.get)


# 11.2: two names for column 0
def names_in_order(class_to_idx):
    if max(class_to_idx.values()) >= len(class_to_idx):
        raise ValueError("a gap")
    return sorted(class_to_idx, key=class_to_idx.get)


# 11.2: counted from 1
def names_in_order(class_to_idx):
    numbers = sorted(class_to_idx.values())
    if any(b - a != 1 for a, b in zip(numbers, numbers[1:])):
        raise ValueError("a gap, or one number twice")
    return sorted(class_to_idx, key=class_to_idx.get)


# 11.3: rows are true
def true_side(matrix, pictures):
    return "columns" if np.array_equal(matrix.sum(1), pictures) else "rows"


# 11.3: transposed
def true_side(matrix, pictures):
    return "rows"


# 11.3: nothing can be said
def true_side(matrix, pictures):
    return "rows" if np.array_equal(matrix.sum(1), pictures) else "columns"


# 11.3: another split
def true_side(matrix, pictures):
    rows = np.array_equal(matrix.sum(1), pictures)
    columns = np.array_equal(matrix.sum(0), pictures)
    if rows and columns:
        return "unknown"
    return "rows" if rows else "columns"


# 11.3: another split
def true_side(matrix, pictures):
    rows = sorted(matrix.sum(1)) == sorted(pictures)
    columns = sorted(matrix.sum(0)) == sorted(pictures)
    return "unknown" if rows == columns else "rows" if rows else "columns"


# 11.1: a pair
rows_and_name = ("bee", 3)


# 11.1: get no row
rows_and_name = (5, "bee")


# 11.2: as it was
def names_in_order(class_to_idx):
    numbers = list(class_to_idx.values())
    if sorted(numbers) != list(range(len(numbers))):
        raise ValueError("not 0, 1, 2 and so on")
    names = []
    while class_to_idx:
        name = min(class_to_idx, key=class_to_idx.get)
        del class_to_idx[name]
        names.append(name)
    return names


# 11.2: a number below 0
def names_in_order(class_to_idx):
    names = [None] * len(class_to_idx)
    for name, number in class_to_idx.items():
        if number >= len(names) or names[number] is not None:
            raise ValueError(f"no place for {name}")
        names[number] = name
    return names


# 11.2: a gap: raise ValueError (your answer raised IndexError
def names_in_order(class_to_idx):
    names = [None] * len(class_to_idx)
    for name, number in class_to_idx.items():
        names[number] = name
    return names


# 11.2: order of the dictionary
def names_in_order(class_to_idx):
    return ["ant", "bee", "fly", "moth", "wasp"]


# 11.3: not only the first
def true_side(matrix, pictures):
    rows, columns = matrix[0].sum() == pictures[0], matrix[:, 0].sum() == pictures[0]
    return "unknown" if rows == columns else "rows" if rows else "columns"


# 11.3: not only the first
def true_side(matrix, pictures):
    rows = (matrix.sum(1) == pictures).any()
    columns = (matrix.sum(0) == pictures).any()
    return "unknown" if rows == columns else "rows" if rows else "columns"


# 11.3: rows are true
def true_side(matrix, pictures):
    print("rows" if np.array_equal(matrix.sum(1), pictures) else "columns")
