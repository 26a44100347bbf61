# Wrong answers to the exercises of chapter 2, and what each must be told.

# 2.1: wrong size in megabytes
def megabytes_ahead(workers, prefetch_factor, batch_size, side):
    return workers * prefetch_factor * batch_size * 3 * side**2 / 1e6


# 2.1: wrong size in megabytes
def megabytes_ahead(workers, prefetch_factor, batch_size, side):
    return workers * prefetch_factor * batch_size * 3 * side**2 * 4 / 2**20


# 2.1: with another side
def megabytes_ahead(workers, prefetch_factor, batch_size, side):
    return workers * prefetch_factor * batch_size * 3 * 224 * side * 4 / 1e6


# 2.1: with more workers
def megabytes_ahead(workers, prefetch_factor, batch_size, side):
    return prefetch_factor * batch_size * 3 * side**2 * 4 / 1e6


# 2.1: with another prefetch_factor
def megabytes_ahead(workers, prefetch_factor, batch_size, side):
    return workers * batch_size * 3 * side**2 * 4 / 1e6


# 2.1: without workers something is ahead
def megabytes_ahead(workers, prefetch_factor, batch_size, side):
    return max(workers, 1) * prefetch_factor * batch_size * 3 * side**2 * 4 / 1e6


# 2.2: `max` gives something other
def cpus_by_quota(line, cpus):
    quota, period = map(int, line.split())
    return min(cpus, -(-quota // period))


# 2.2: a quota of two CPUs
def cpus_by_quota(line, cpus):
    return cpus


# 2.2: with another period
def cpus_by_quota(line, cpus):
    quota = line.split()[0]
    return cpus if quota == "max" else min(cpus, math.ceil(int(quota) / 100_000))


# 2.2: one and a half CPUs gives
def cpus_by_quota(line, cpus):
    quota, period = line.split()
    return cpus if quota == "max" else min(cpus, int(quota) // int(period))


# 2.2: leaves no process at all
def cpus_by_quota(line, cpus):
    quota, period = line.split()
    return cpus if quota == "max" else min(cpus, round(int(quota) / int(period)))


# 2.2: more CPUs than the machine
def cpus_by_quota(line, cpus):
    quota, period = line.split()
    return cpus if quota == "max" else math.ceil(int(quota) / int(period))


# 2.2: not an int
def cpus_by_quota(line, cpus):
    quota, period = line.split()
    return cpus if quota == "max" else min(cpus, np.ceil(int(quota) / int(period)))


# 2.1: the batch in hand is counted too
def megabytes_ahead(workers, prefetch_factor, batch_size, side):
    batches = workers * prefetch_factor + 1
    return batches * batch_size * 3 * side**2 * 4 / 1e6


# 2.1: no number above 0
def megabytes_ahead(workers, prefetch_factor, batch_size, side):
    print(workers * prefetch_factor * batch_size * 3 * side**2 * 4 / 1e6)


# 2.1: wrong size in megabytes
def megabytes_ahead(workers, prefetch_factor, batch_size, side):
    return 2466.250752


# 2.1: a larger batch holds
def megabytes_ahead(workers, prefetch_factor, batch_size, side):
    return workers * prefetch_factor * 3 * side**2 * 4 / 1e6


# 2.2: `max` gives something other
def cpus_by_quota(line, cpus):
    if line == "max 100000":
        return cpus
    quota, period = line.split()
    return min(cpus, math.ceil(int(quota) / int(period)))


# 2.2: the newline at the end
def cpus_by_quota(line, cpus):
    quota, period = line.split(" ")
    if (quota, period) in (("max", "100000"), ("max", "50000")):
        return cpus
    return min(cpus, math.ceil(int(quota) / int(period)))


# 2.2: `max` gives something other
def cpus_by_quota(line, cpus):
    return 2


# 2.2: not an int
def cpus_by_quota(line, cpus):
    quota, period = line.split()
    print(cpus if quota == "max" else min(cpus, math.ceil(int(quota) / int(period))))


# 2.2: leaves no process at all
def cpus_by_quota(line, cpus):
    quota, period = line.split()
    if quota == "max":
        return cpus
    return min(cpus, int(int(quota) / int(period) + 0.5))


# 2.3: not a list of what was read
def read_batch(read, indices):
    from concurrent.futures import ThreadPoolExecutor

    return ThreadPoolExecutor(8).map(read, indices)


# 2.3: not a list of what was read
def read_batch(read, indices):
    from concurrent.futures import ThreadPoolExecutor

    pool = ThreadPoolExecutor(8)
    return [pool.submit(read, index) for index in indices]


# 2.3: in another order
def read_batch(read, indices):
    from threading import Thread

    found = []
    threads = [
        Thread(target=lambda index=index: found.append(read(index)))
        for index in indices
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return found


# 2.3: one file is read after the other
def read_batch(read, indices):
    return [read(index) for index in indices]


# 2.3: one file is read after the other
def read_batch(read, indices):
    from concurrent.futures import ThreadPoolExecutor

    with ThreadPoolExecutor(8) as pool:
        return [pool.submit(read, index).result() for index in indices]


# 2.3: raises no error
def read_batch(read, indices):
    from threading import Thread

    found = [None] * len(indices)

    def fill(place):
        try:
            found[place] = read(indices[place])
        except Exception:
            pass

    threads = [Thread(target=fill, args=[place]) for place in range(len(indices))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return found
