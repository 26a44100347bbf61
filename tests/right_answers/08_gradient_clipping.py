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
def choose_max_norm(norms, share):
    finite = sorted(norm for norm in norms if math.isfinite(norm))
    return finite[-1 - round(share * len(finite))]


# 8.2
def choose_max_norm(norms, share):
    norms = torch.tensor(norms, dtype=torch.float64)
    return norms[norms.isfinite()].quantile(1 - share)


# 8.2
def choose_max_norm(norms, share):
    finite = [norm for norm in norms if norm - norm == 0]
    for cap in sorted(finite):
        if sum(norm > cap for norm in finite) <= share * len(finite):
            return cap


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
