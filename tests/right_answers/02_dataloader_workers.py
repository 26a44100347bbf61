# Right answers to the exercises of chapter 2, other than the book's own.


# 2.1
def megabytes_ahead(workers, prefetch_factor, batch_size, side):
    batch = torch.empty(batch_size, 3, side, side, dtype=torch.float32, device="meta")
    return workers * prefetch_factor * batch.nbytes / 10**6


# 2.1
def megabytes_ahead(workers, prefetch_factor, batch_size, side):
    total = 0
    for _ in range(workers):
        for _ in range(prefetch_factor):
            total += np.prod([batch_size, 3, side, side, np.float32().itemsize])
    return np.divide(total, 1_000_000)


# 2.1
def megabytes_ahead(workers, prefetch_factor, batch_size, side):
    shape = torch.tensor([workers, prefetch_factor, batch_size, 3, side, side])
    return shape.double().prod() * 4e-6


# 2.2
def cpus_by_quota(line, cpus):
    if line.startswith("max"):
        return cpus
    quota, period = map(int, line.split())
    whole, rest = divmod(quota, period)
    return min(whole + (rest > 0), cpus)


# 2.2
def cpus_by_quota(line, cpus):
    quota, period = np.array(line.replace("max", "inf").split(), dtype=float)
    return np.minimum(np.ceil(quota / period), cpus).astype(int)


# 2.2
def cpus_by_quota(line, cpus):
    quota, period = line.split()
    for count in range(1, cpus):
        if quota != "max" and count * int(period) >= int(quota):
            return count
    return cpus


# 2.3
def seed_worker(worker_id):
    np.random.seed(torch.initial_seed() & 0xFFFFFFFF)


# 2.3
def seed_worker(worker_id):
    words = np.random.SeedSequence(torch.initial_seed()).generate_state(4)
    np.random.seed(words)


# 2.3
def seed_worker(worker_id):
    state = np.random.RandomState(torch.randint(2**32, ()).item()).get_state()
    np.random.set_state(state)
