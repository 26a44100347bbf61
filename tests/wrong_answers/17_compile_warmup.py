# Wrong answers to the exercises of chapter 17, and what each must be told.

# 17.1: letters from A to F
answer = ""

# 17.1: the place in memory
answer = "ABCEF"

# 17.1: which sizes are special
answer = "CEF"

# 17.1: heights and widths
answer = "BEF"

# 17.1: look at pixels
answer = "BCDEF"

# 17.1: the strides differ
answer = "BCF"

# 17.1: what kind of tensor
answer = "BCE"


# 17.2: the shape
def answers(replay, batches):
    return torch.stack([replay(batch).clone() for batch in batches])


# 17.2: was overwritten
def answers(replay, batches):
    return torch.cat([replay(batch) for batch in batches])


# 17.2: was overwritten
def answers(replay, batches):
    return torch.cat([replay(batch).detach().cpu() for batch in batches])


# 17.2: one call for each
def answers(replay, batches):
    for batch in batches:
        replay(batch)
    return torch.cat([replay(batch).clone() for batch in batches])


# 17.3: the traffic is warm
def is_warm(compiled, batches):
    with torch.compiler.set_stance("fail_on_recompile"):
        try:
            for batch in batches:
                compiled(batch)
        except RuntimeError:
            return False
    return True


# 17.3: 96 pixels are not
def is_warm(compiled, batches):
    with torch.inference_mode(), torch.compiler.set_stance("eager_on_recompile"):
        for batch in batches:
            compiled(batch)
    return True


# 17.3: not every batch
def is_warm(compiled, batches):
    with torch.inference_mode(), torch.compiler.set_stance("fail_on_recompile"):
        try:
            compiled(batches[0])
        except RuntimeError:
            return False
    return True


# 17.3: your question compiles
def is_warm(compiled, batches):
    before = graphs()
    with torch.inference_mode():
        for batch in batches:
            compiled(batch)
    return graphs() == before


# 17.1: letters from A to F
answer = "bcef"

# 17.1: letters from A to F
answer = "B, C, E and F"


# 17.2: was overwritten
def answers(replay, batches):
    logits = [replay(batch).detach() for batch in batches]
    return torch.cat([one.clone() for one in logits])


# 17.2: the shape
def answers(replay, batches):
    return [replay(batch).clone() for batch in batches]


# 17.2: the shape
def answers(replay, batches):
    for batch in batches:
        logits = replay(batch).clone()
    return logits


# 17.2: one call for each batch
def answers(replay, batches):
    result = torch.empty(len(batches) * len(replay(batches[0])), 6)
    for batch, rows in zip(batches, result.split(2)):
        rows.copy_(replay(batch))
    return result


# 17.3: not every batch
def is_warm(compiled, batches):
    with torch.inference_mode(), torch.compiler.set_stance("fail_on_recompile"):
        for batch in batches:
            try:
                compiled(batch)
                warm_now = True
            except RuntimeError:
                warm_now = False
    return warm_now


# 17.3: later calls cannot compile
def is_warm(compiled, batches):
    torch.compiler.set_stance("fail_on_recompile")
    try:
        with torch.inference_mode():
            for batch in batches:
                compiled(batch)
    except RuntimeError:
        torch.compiler.set_stance("default")
        return False
    return True


# 17.3: the traffic is warm
def is_warm(compiled, batches):
    with torch.no_grad(), torch.compiler.set_stance("fail_on_recompile"):
        try:
            for batch in batches:
                compiled(batch)
        except RuntimeError:
            return False
    return True


# 17.3: 96 pixels are not
def is_warm(compiled, batches):
    shapes = {(3, 64, 64), (3, 96, 96)}
    return all(tuple(batch.shape[1:]) in shapes for batch in batches)
