# Wrong answers to the exercises of chapter 2, and what each must be told.

# 2.1: numbers of 4 bytes
def megabytes_ahead(workers, prefetch_factor, batch_size, side):
    return workers * prefetch_factor * batch_size * 3 * side**2 / 1e6


# 2.1: 10⁶ bytes
def megabytes_ahead(workers, prefetch_factor, batch_size, side):
    return workers * prefetch_factor * batch_size * 3 * side**2 * 4 / 2**20


# 2.1: height and width
def megabytes_ahead(workers, prefetch_factor, batch_size, side):
    return workers * prefetch_factor * batch_size * 3 * 224 * side * 4 / 1e6


# 2.1: every worker loads ahead
def megabytes_ahead(workers, prefetch_factor, batch_size, side):
    return prefetch_factor * batch_size * 3 * side**2 * 4 / 1e6


# 2.1: prefetch_factor batches
def megabytes_ahead(workers, prefetch_factor, batch_size, side):
    return workers * batch_size * 3 * side**2 * 4 / 1e6


# 2.1: without workers
def megabytes_ahead(workers, prefetch_factor, batch_size, side):
    return max(workers, 1) * prefetch_factor * batch_size * 3 * side**2 * 4 / 1e6


# 2.2: max means
def cpus_by_quota(line, cpus):
    quota, period = map(int, line.split())
    return min(cpus, -(-quota // period))


# 2.2: quota over period
def cpus_by_quota(line, cpus):
    return cpus


# 2.2: the period need not be
def cpus_by_quota(line, cpus):
    quota = line.split()[0]
    return cpus if quota == "max" else min(cpus, math.ceil(int(quota) / 100_000))


# 2.2: round up
def cpus_by_quota(line, cpus):
    quota, period = line.split()
    return cpus if quota == "max" else min(cpus, int(quota) // int(period))


# 2.2: needs one process
def cpus_by_quota(line, cpus):
    quota, period = line.split()
    return cpus if quota == "max" else min(cpus, round(int(quota) / int(period)))


# 2.2: exceed what the machine has
def cpus_by_quota(line, cpus):
    quota, period = line.split()
    return cpus if quota == "max" else math.ceil(int(quota) / int(period))


# 2.2: whole number
def cpus_by_quota(line, cpus):
    quota, period = line.split()
    return cpus if quota == "max" else min(cpus, np.ceil(int(quota) / int(period)))


# 2.3: more than 32 bits
def seed_worker(worker_id):
    np.random.seed(torch.initial_seed())


# 2.3: a repeated run
def seed_worker(worker_id):
    np.random.seed()


# 2.3: all workers draw the same
def seed_worker(worker_id):
    np.random.seed(0)


# 2.3: all workers draw the same
def seed_worker(worker_id):
    np.random.seed((torch.initial_seed() - worker_id) % 2**32)


# 2.3: every epoch draws the same
def seed_worker(worker_id):
    np.random.seed(np.random.get_state()[1][0] + worker_id)


# 2.3: every epoch draws the same
def seed_worker(worker_id):
    np.random.seed(worker_id)


# 2.1: the batch in hand is not counted
def megabytes_ahead(workers, prefetch_factor, batch_size, side):
    batches = workers * prefetch_factor + 1
    return batches * batch_size * 3 * side**2 * 4 / 1e6


# 2.1: a number of megabytes
def megabytes_ahead(workers, prefetch_factor, batch_size, side):
    print(workers * prefetch_factor * batch_size * 3 * side**2 * 4 / 1e6)


# 2.1: numbers of 4 bytes
def megabytes_ahead(workers, prefetch_factor, batch_size, side):
    return 2466.250752


# 2.1: a batch has batch_size images
def megabytes_ahead(workers, prefetch_factor, batch_size, side):
    return workers * prefetch_factor * 3 * side**2 * 4 / 1e6


# 2.2: max means that
def cpus_by_quota(line, cpus):
    if line == "max 100000":
        return cpus
    quota, period = line.split()
    return min(cpus, math.ceil(int(quota) / int(period)))


# 2.2: ends with a newline
def cpus_by_quota(line, cpus):
    quota, period = line.split(" ")
    if (quota, period) in (("max", "100000"), ("max", "50000")):
        return cpus
    return min(cpus, math.ceil(int(quota) / int(period)))


# 2.2: max means that
def cpus_by_quota(line, cpus):
    return 2


# 2.2: a whole number
def cpus_by_quota(line, cpus):
    quota, period = line.split()
    print(cpus if quota == "max" else min(cpus, math.ceil(int(quota) / int(period))))


# 2.2: needs one process
def cpus_by_quota(line, cpus):
    quota, period = line.split()
    if quota == "max":
        return cpus
    return min(cpus, int(int(quota) / int(period) + 0.5))


# 2.3: with a seed of 64 bits
def seed_worker(worker_id):
    np.random.seed(min(torch.initial_seed(), 2**32 - 1))


# 2.3: all workers draw the same
def seed_worker(worker_id):
    pass


# 2.3: every epoch draws the same
def seed_worker(worker_id):
    torch.manual_seed(worker_id)
    np.random.seed(torch.initial_seed() % 2**32)


# 2.3: all workers draw the same
def seed_worker(worker_id):
    np.random.seed(torch.initial_seed() // 2**32)
