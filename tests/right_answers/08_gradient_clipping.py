# Right answers to the exercises of chapter 8, other than the book's own.

# 8.1
pair = parameters_with([6.0, 3.0], [2.0])
clip_grad_norm_(pair, max_norm=3.5)
answer = [p.grad for p in pair]

# 8.1
norm = np.linalg.norm([6, 3, 2])
answer = (np.array([6, 3]) * 3.5 / norm, np.array([2]) * 3.5 / norm)

# 8.1
answer = ((3, 1.5), (1,))


# 8.2
def diagnose(norms, lengths, lr, max_norm):
    norms, lengths = np.array(norms), np.array(lengths)
    if norms.max() == 0:
        return "too early"
    above = norms > max_norm
    if above.sum() == 0:
        return "unknown"
    if np.allclose(lengths[above], lr * norms[above], rtol=1e-2):
        return "too late"
    return "learning rate" if above.mean() > 0.5 else "guard"


# 8.2
def diagnose(norms, lengths, lr, max_norm):
    exceeding = 0
    for norm, length in zip(norms, lengths, strict=True):
        if norm > max_norm:
            exceeding += 1
            if length / lr > max_norm + 1e-2 * max_norm:
                return "too late"
    if exceeding:
        return "guard" if 2 * exceeding <= len(norms) else "learning rate"
    return "unknown" if sum(norms) else "too early"


# 8.3
def capped_step(optimizer, parameters, max_length):
    from torch.nn.utils import vector_to_parameters

    parameters = list(parameters)
    start = parameters_to_vector(parameters).detach().clone()
    optimizer.step()
    move = parameters_to_vector(parameters).detach() - start
    length = move.norm()
    vector_to_parameters(
        start + move * (max_length / length).clamp(max=1).nan_to_num(), parameters
    )
    return length


# 8.3
def capped_step(optimizer, parameters, max_length):
    import copy

    parameters = [*parameters]
    before = copy.deepcopy(parameters)
    optimizer.step()
    squares = 0.0
    for old, new in zip(before, parameters):
        for x, y in zip(old.flatten().tolist(), new.flatten().tolist()):
            squares += (y - x) ** 2
    length = math.sqrt(squares)
    if length > max_length:
        for old, new in zip(before, parameters):
            new.data.copy_(old.data.lerp(new.data, max_length / length))
    return length
