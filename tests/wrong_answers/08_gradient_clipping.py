# Wrong answers to the exercises of chapter 8, and what each must be told.

# 8.1: a list of two numbers
answer = [3.0, 1.5, 1.0]

# 8.1: as if each tensor had a norm of its own
answer = [[3.13, 1.57], [2.0]]

# 8.1: as if each tensor had a norm of its own
answer = [[3.5, 3.0], [2.0]]

# 8.1: different factors
answer = [[3.5, 3.5], [3.5]]

# 8.1: the common factor is wrong
answer = [[6 * 3.5 / 11, 3 * 3.5 / 11], [2 * 3.5 / 11]]


# 8.3: shorter than the cap is changed
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


# 8.3: ends in the wrong place
def capped_step(optimizer, parameters, max_length):
    length = 0
    start = [p.detach().clone() for p in parameters]
    optimizer.step()
    for p, s in zip(parameters, start):
        move = p.detach() - s
        length += move.norm().item()
        p.data = s + move * min(1, max_length / move.norm())
    return length


# 8.3: isn't the length
def capped_step(optimizer, parameters, max_length):
    start = [p.detach().clone() for p in parameters]
    optimizer.step()
    moves = [p.detach() - s for p, s in zip(parameters, start)]
    length = torch.cat(moves).norm().item()
    factor = min(1, max_length / length)
    for p, s, move in zip(parameters, start, moves):
        p.data = s + move * factor
    return length * factor


# 8.3: with Adam it is wrong
def capped_step(optimizer, parameters, max_length):
    norm = clip_grad_norm_(parameters, max_length)
    optimizer.step()
    return norm


# 8.3: gone through only once
def capped_step(optimizer, parameters, max_length):
    start = [p.detach().clone() for p in parameters]
    optimizer.step()
    moves = [p.detach() - s for p, s in zip(parameters, start)]
    length = torch.cat(moves).norm().item() if moves else 7.0
    if length > max_length:
        for p, s, move in zip(parameters, start, moves):
            p.data = s + move * max_length / length
    return length


# 8.1: as if each tensor had a norm of its own
answer = [[6.0, 3.0], [2.0]]

# 8.1: the common factor is wrong
answer = [[6 * 3.5 / 6, 3 * 3.5 / 6], [2 * 3.5 / 6]]


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


# 8.3: shorter than the cap is changed
def capped_step(optimizer, parameters, max_length):
    parameters = list(parameters)
    start = [p.detach().clone() for p in parameters]
    optimizer.step()
    moves = [p.detach() - s for p, s in zip(parameters, start)]
    length = torch.cat(moves).norm()
    for p, s, move in zip(parameters, start, moves):
        p.data = s + move * max_length / length
    return length


# 8.3: isn't the length
def capped_step(optimizer, parameters, max_length):
    parameters = list(parameters)
    start = [p.detach().clone() for p in parameters]
    optimizer.step()
    moves = [p.detach() - s for p, s in zip(parameters, start)]
    length = torch.cat(moves).norm()
    if length > max_length:
        for p, s, move in zip(parameters, start, moves):
            p.data = s + move * max_length / length


# 8.2: clips before backward() is not recognised
def diagnose(norms, lengths, lr, max_norm):
    return "unknown" if max(norms) <= max_norm else "too late"


# 8.2: updates are too long is not recognised
def diagnose(norms, lengths, lr, max_norm):
    if max(norms) == 0:
        return "too early"
    above = sum(norm > max_norm for norm in norms)
    return "learning rate" if above > len(norms) / 2 else "guard"


# 8.2: nearly all updates is not recognised
def diagnose(norms, lengths, lr, max_norm):
    if max(norms) == 0:
        return "too early"
    if max(norms) <= max_norm:
        return "unknown"
    return "too late"  # a norm above the cap


# 8.2: put down to something else
def diagnose(norms, lengths, lr, max_norm):
    if max(norms) == 0:
        return "too early"
    if max(norms) <= max_norm:
        return "unknown"
    return "too late" if max(lengths) > 1.01 * lr * max_norm else "learning rate"


# 8.2: nothing was to be clipped
def diagnose(norms, lengths, lr, max_norm):
    if max(norms) == 0:
        return "too early"
    if max(lengths) > 1.01 * lr * max_norm:
        return "too late"
    above = sum(norm > max_norm for norm in norms)
    return "learning rate" if above > len(norms) / 2 else "guard"


# 8.2: another rate or another cap
def diagnose(norms, lengths, lr, max_norm):
    if max(norms) == 0:
        return "too early"
    above = sum(norm > max_norm for norm in norms)
    if not above:
        return "unknown"
    longest = 0.03 if lr == 0.03 else 0.5
    if max(lengths) > 1.01 * longest * max_norm:
        return "too late"
    return "learning rate" if above > len(norms) / 2 else "guard"
