# Wrong answers to the exercises of chapter 8, and what each must be told.

# 8.1: a list of two numbers
answer = [3.0, 1.5, 1.0]

# 8.1: the norm is taken over both
answer = [[3.13, 1.57], [2.0]]

# 8.1: the norm is taken over both
answer = [[3.5, 3.0], [2.0]]

# 8.1: all get the same factor
answer = [[3.5, 3.5], [3.5]]

# 8.1: sum of squares
answer = [[6 * 3.5 / 11, 3 * 3.5 / 11], [2 * 3.5 / 11]]


# 8.2: five lie above
def choose_max_norm(norms, share):
    return 2 * np.median(norms)


# 8.2: five lie above
def choose_max_norm(norms, share):
    return np.quantile(norms, share)


# 8.2: not sorted
def choose_max_norm(norms, share):
    return norms[int(len(norms) * (1 - share))]


# 8.2: the share is an argument
def choose_max_norm(norms, share):
    return np.quantile(norms, 0.95)


# 8.2: has moved the cap
def choose_max_norm(norms, share):
    return (1 - share) * max(norms) + share * min(norms)


# 8.2: what is not finite
def choose_max_norm(norms, share):
    numbers = sorted(norm for norm in norms if not math.isnan(norm))
    return numbers[int(len(numbers) * (1 - share))]


# 8.2: leave the log as it was
def choose_max_norm(norms, share):
    norms[:] = sorted(n for n in norms if math.isfinite(n))
    return norms[int(len(norms) * (1 - share))]


# 8.3: stays
def capped_step(optimizer, parameters, max_length):
    clip_grad_norm_(parameters, max_length / 2)
    optimizer.step()


# 8.3: did you clone
def capped_step(optimizer, parameters, max_length):
    start = [p.detach() for p in parameters]
    optimizer.step()
    moves = [p.detach() - s for p, s in zip(parameters, start)]
    length = torch.cat(moves).norm().item()
    if length > max_length:
        for p, s, move in zip(parameters, start, moves):
            p.data = s + move * max_length / length
    return length


# 8.3: is halved
def capped_step(optimizer, parameters, max_length):
    length = 0
    start = [p.detach().clone() for p in parameters]
    optimizer.step()
    for p, s in zip(parameters, start):
        move = p.detach() - s
        length += move.norm().item()
        p.data = s + move * min(1, max_length / move.norm())
    return length


# 8.3: return the length
def capped_step(optimizer, parameters, max_length):
    start = [p.detach().clone() for p in parameters]
    optimizer.step()
    moves = [p.detach() - s for p, s in zip(parameters, start)]
    length = torch.cat(moves).norm().item()
    factor = min(1, max_length / length)
    for p, s, move in zip(parameters, start, moves):
        p.data = s + move * factor
    return length * factor


# 8.3: measure the weights
def capped_step(optimizer, parameters, max_length):
    norm = clip_grad_norm_(parameters, max_length)
    optimizer.step()
    return norm


# 8.3: go through it once
def capped_step(optimizer, parameters, max_length):
    start = [p.detach().clone() for p in parameters]
    optimizer.step()
    moves = [p.detach() - s for p, s in zip(parameters, start)]
    length = torch.cat(moves).norm().item() if moves else 7.0
    if length > max_length:
        for p, s, move in zip(parameters, start, moves):
            p.data = s + move * max_length / length
    return length


# 8.1: the norm is taken over both
answer = [[6.0, 3.0], [2.0]]

# 8.1: sum of squares
answer = [[6 * 3.5 / 6, 3 * 3.5 / 6], [2 * 3.5 / 6]]


# 8.2: five lie above
def choose_max_norm(norms, share):
    return np.mean(norms) + 2 * np.std(norms)


# 8.2: the share is an argument
def choose_max_norm(norms, share):
    return 95.5


# 8.2: what is not finite
def choose_max_norm(norms, share):
    return np.quantile(np.nan_to_num(norms), 1 - share)


# 8.2: five lie above
def choose_max_norm(norms, share):
    print(np.quantile(norms, 1 - share))


# 8.3: a step of length 0
def capped_step(optimizer, parameters, max_length):
    parameters = list(parameters)
    start = [p.detach().clone() for p in parameters]
    optimizer.step()
    moves = [p.detach() - s for p, s in zip(parameters, start)]
    length = torch.cat(moves).norm().item()
    factor = min(1, max_length / length)
    for p, s, move in zip(parameters, start, moves):
        p.data = s + move * factor
    return length


# 8.3: stays
def capped_step(optimizer, parameters, max_length):
    parameters = list(parameters)
    start = [p.detach().clone() for p in parameters]
    optimizer.step()
    moves = [p.detach() - s for p, s in zip(parameters, start)]
    length = torch.cat(moves).norm()
    for p, s, move in zip(parameters, start, moves):
        p.data = s + move * max_length / length
    return length


# 8.3: return the length
def capped_step(optimizer, parameters, max_length):
    parameters = list(parameters)
    start = [p.detach().clone() for p in parameters]
    optimizer.step()
    moves = [p.detach() - s for p, s in zip(parameters, start)]
    length = torch.cat(moves).norm()
    if length > max_length:
        for p, s, move in zip(parameters, start, moves):
            p.data = s + move * max_length / length
