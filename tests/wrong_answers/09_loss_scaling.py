# Wrong answers to the exercises of chapter 9, and what each must be told.

# 9.1: one skipped step
answer = 65536

# 9.1: not lowered by a fixed amount
answer = 65536 - 20 * 2

# 9.1: not lowered by a fixed amount
answer = 65536 / 20

# 9.1: not lowered by a fixed amount
answer = 0

# 9.1: are there enough to double
answer = 65536 * 2**5 / 2**20

# 9.1: the number of halvings
answer = 65536 / 2**19


# 9.2: unscale_ once
def accumulated_step(network, optimizer, scaler, parts):
    optimizer.zero_grad()
    for x, y in parts:
        with torch.autocast("cpu", dtype=torch.float16):
            loss = F.cross_entropy(network(x), y) / len(parts)
        scaler.scale(loss).backward()
        scaler.unscale_(optimizer)
        norm = nn.utils.clip_grad_norm_(network.parameters(), 1.0)
    scaler.step(optimizer)
    scaler.update()
    return norm.item()


# 9.2: return the norm of true gradients
def accumulated_step(network, optimizer, scaler, parts):
    optimizer.zero_grad()
    for x, y in parts:
        with torch.autocast("cpu", dtype=torch.float16):
            loss = F.cross_entropy(network(x), y) / len(parts)
        scaler.scale(loss).backward()
    norm = nn.utils.clip_grad_norm_(network.parameters(), 1.0)
    scaler.step(optimizer)
    scaler.update()
    return norm.item()


# 9.2: return the norm of true gradients
def accumulated_step(network, optimizer, scaler, parts):
    optimizer.zero_grad()
    for x, y in parts:
        with torch.autocast("cpu", dtype=torch.float16):
            loss = F.cross_entropy(network(x), y) / len(parts)
        scaler.scale(loss).backward()
    scaler.unscale_(optimizer)
    nn.utils.clip_grad_norm_(network.parameters(), 1.0)
    scaler.step(optimizer)
    scaler.update()


# 9.2: divide it by the number of parts
def accumulated_step(network, optimizer, scaler, parts):
    optimizer.zero_grad()
    for x, y in parts:
        with torch.autocast("cpu", dtype=torch.float16):
            loss = F.cross_entropy(network(x), y)
        scaler.scale(loss).backward()
    scaler.unscale_(optimizer)
    norm = nn.utils.clip_grad_norm_(network.parameters(), 1.0)
    scaler.step(optimizer)
    scaler.update()
    return norm.item()


# 9.2: only one part counts
def accumulated_step(network, optimizer, scaler, parts):
    for x, y in parts:
        optimizer.zero_grad()
        with torch.autocast("cpu", dtype=torch.float16):
            loss = F.cross_entropy(network(x), y) / len(parts)
        scaler.scale(loss).backward()
    scaler.unscale_(optimizer)
    norm = nn.utils.clip_grad_norm_(network.parameters(), 1.0)
    scaler.step(optimizer)
    scaler.update()
    return norm.item()


# 9.2: zero_grad is missing
def accumulated_step(network, optimizer, scaler, parts):
    for x, y in parts:
        with torch.autocast("cpu", dtype=torch.float16):
            loss = F.cross_entropy(network(x), y) / len(parts)
        scaler.scale(loss).backward()
    scaler.unscale_(optimizer)
    norm = nn.utils.clip_grad_norm_(network.parameters(), 1.0)
    scaler.step(optimizer)
    scaler.update()
    return norm.item()


# 9.2: the weights are not those of one step
def accumulated_step(network, optimizer, scaler, parts):
    optimizer.zero_grad()
    for x, y in parts:
        with torch.autocast("cpu", dtype=torch.float16):
            loss = F.cross_entropy(network(x), y) / len(parts)
        scaler.scale(loss).backward()
    scaler.unscale_(optimizer)
    norm = nn.utils.clip_grad_norm_(network.parameters(), math.inf)
    scaler.step(optimizer)
    scaler.update()
    return norm.item()


# 9.2: the weights are not those of one step
def accumulated_step(network, optimizer, scaler, parts):
    optimizer.zero_grad()
    for x, y in parts:
        with torch.autocast("cpu", dtype=torch.float16):
            loss = F.cross_entropy(network(x), y) / len(parts)
        scaler.scale(loss).backward()
    scaler.unscale_(optimizer)
    norm = nn.utils.clip_grad_norm_(network.parameters(), 1.0)
    scaler.update()
    return norm.item()


# 9.2: update the scale once for each step
def accumulated_step(network, optimizer, scaler, parts):
    optimizer.zero_grad()
    for x, y in parts:
        with torch.autocast("cpu", dtype=torch.float16):
            loss = F.cross_entropy(network(x), y) / len(parts)
        scaler.scale(loss).backward()
    scaler.unscale_(optimizer)
    norm = nn.utils.clip_grad_norm_(network.parameters(), 1.0)
    scaler.step(optimizer)
    return norm.item()


# 9.3: it recovers
def fragile_step(network, optimizer, scaler, x, y):
    amp_step(network, optimizer, scaler, x, y)


# 9.3: it raises an error
def fragile_step(network, optimizer, scaler, x, y):
    optimizer.zero_grad()
    with torch.autocast("cpu", dtype=torch.float16):
        loss = F.cross_entropy(network(x), y)
    scaler.scale(loss).backward()
    scaler.step(optimizer)


# 9.3: it raises an error
def fragile_step(network, optimizer, scaler, x, y):
    with torch.autocast("cpu", dtype=torch.float16):
        loss = F.cross_entropy(network(x), y)
    scaler.scale(loss).backward()
    optimizer.zero_grad()
    scaler.step(optimizer)
    scaler.update()


# 9.3: it does not learn on clean data
def fragile_step(network, optimizer, scaler, x, y):
    with torch.autocast("cpu", dtype=torch.float16):
        loss = F.cross_entropy(network(x), y)
    scaler.scale(loss).backward()
    scaler.unscale_(optimizer)
    scaler.update()


# 9.3: the weights became NaN
def fragile_step(network, optimizer, scaler, x, y):
    optimizer.zero_grad()
    with torch.autocast("cpu", dtype=torch.float16):
        loss = F.cross_entropy(network(x), y)
    loss.backward()
    optimizer.step()


# 9.1: one skipped step
answer = 65536 * 2**5

# 9.1: give a number
answer = "2 to the power of -4"

# 9.1: are there enough to double
answer = 65536 / 2**15


# 9.2: there need not be three parts
def accumulated_step(network, optimizer, scaler, parts):
    optimizer.zero_grad()
    for x, y in parts:
        with torch.autocast("cpu", dtype=torch.float16):
            loss = F.cross_entropy(network(x), y) / 3
        scaler.scale(loss).backward()
    scaler.unscale_(optimizer)
    norm = nn.utils.clip_grad_norm_(network.parameters(), 1.0)
    scaler.step(optimizer)
    scaler.update()
    return norm.item()


# 9.2: autocast
def accumulated_step(network, optimizer, scaler, parts):
    optimizer.zero_grad()
    for x, y in parts:
        loss = F.cross_entropy(network(x), y) / len(parts)
        scaler.scale(loss).backward()
    scaler.unscale_(optimizer)
    norm = nn.utils.clip_grad_norm_(network.parameters(), 1.0)
    scaler.step(optimizer)
    scaler.update()
    return norm.item()


# 9.2: autocast
def accumulated_step(network, optimizer, scaler, parts):
    optimizer.zero_grad()
    for x, y in parts:
        with torch.autocast("cpu", dtype=torch.bfloat16):
            loss = F.cross_entropy(network(x), y) / len(parts)
        scaler.scale(loss).backward()
    scaler.unscale_(optimizer)
    norm = nn.utils.clip_grad_norm_(network.parameters(), 1.0)
    scaler.step(optimizer)
    scaler.update()
    return norm.item()


# 9.2: return the norm of true gradients
def accumulated_step(network, optimizer, scaler, parts):
    optimizer.zero_grad()
    for x, y in parts:
        with torch.autocast("cpu", dtype=torch.float16):
            loss = F.cross_entropy(network(x), y) / len(parts)
        loss.backward()
    scaler.scale(loss)
    scaler.unscale_(optimizer)
    norm = nn.utils.clip_grad_norm_(network.parameters(), 1.0)
    scaler.step(optimizer)
    scaler.update()
    return norm.item()


# 9.2: the weights are not those of one step
def accumulated_step(network, optimizer, scaler, parts):
    optimizer.zero_grad()
    for x, y in parts:
        with torch.autocast("cpu", dtype=torch.float16):
            loss = F.cross_entropy(network(x), y) / len(parts)
        scaler.scale(loss).backward()
    scaler.unscale_(optimizer)
    norm = nn.utils.clip_grad_norm_(network.parameters(), 10.0)
    scaler.step(optimizer)
    scaler.update()
    return norm.item()


# 9.3: it does not learn on clean data
def fragile_step(network, optimizer, scaler, x, y):
    return None


# 9.3: it recovers
def fragile_step(network, optimizer, scaler, x, y):
    optimizer.zero_grad()
    with torch.autocast("cpu", dtype=torch.float16):
        loss = F.cross_entropy(network(x), y)
    scaler.scale(loss).backward()
    scaler.unscale_(optimizer)
    scaler.step(optimizer)
    scaler.update()


# 9.3: it does not learn on clean data
still = False


def fragile_step(network, optimizer, scaler, x, y):
    global still
    still = still or bool(x.isnan().any())
    if not still:
        amp_step(network, optimizer, scaler, x, y)
