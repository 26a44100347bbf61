# Right answers to the exercises of chapter 9, other than the book's own.

# 9.1
answer = torch.tensor(65536.0)
for _ in range(20):
    answer = answer * 0.5

# 9.1
answer = 2 ** (16 - 20)

# 9.1
from fractions import Fraction

answer = Fraction(1, 16)


# 9.2
def accumulated_step(network, optimizer, scaler, parts):
    for p in network.parameters():
        p.grad = None
    with torch.amp.autocast("cpu", torch.float16):
        losses = [F.cross_entropy(network(x), y) for x, y in parts]
    scaler.scale(torch.stack(losses).mean()).backward()
    scaler.unscale_(optimizer)
    norm = nn.utils.clip_grad_norm_(network.parameters(), max_norm=1)
    scaler.step(optimizer)
    scaler.update()
    return norm


# 9.2
def accumulated_step(network, optimizer, scaler, parts):
    images = sum(len(y) for _, y in parts)
    optimizer.zero_grad(set_to_none=False)
    for x, y in parts:
        with torch.autocast("cpu", dtype=torch.float16):
            logits = network(x)
        total = F.cross_entropy(logits.float(), y, reduction="sum")
        scaler.scale(total / images).backward()
    scaler.unscale_(optimizer)
    norm = nn.utils.clip_grad_norm_(network.parameters(), math.inf).item()
    for p in network.parameters():
        p.grad *= min(1, 1 / norm)
    scaler.step(optimizer)
    scaler.update()
    return norm


# 9.3
def fragile_step(network, optimizer, scaler, x, y):
    with torch.autocast("cpu", dtype=torch.float16):
        logits = network(x)
        loss = F.cross_entropy(logits, y)
    scaler.scale(loss).backward()
    scaler.unscale_(optimizer)
    nn.utils.clip_grad_norm_(network.parameters(), 1.0)
    scaler.step(optimizer)
    scaler.update()
    return loss.item()


# 9.3
def fragile_step(network, optimizer, scaler, x, y):
    with torch.autocast("cpu", dtype=torch.float16):
        loss = F.cross_entropy(network(x), y)
    scaler.scale(loss).backward()
    scaler.step(optimizer)
    scaler.update()
    if all(p.grad.isfinite().all() for p in network.parameters()):
        optimizer.zero_grad()  # misplaced: only after a step that went well
