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
def read_batch(read, indices):
    from concurrent.futures import ThreadPoolExecutor

    with ThreadPoolExecutor(max_workers=16) as pool:
        started = [pool.submit(read, index) for index in indices]
    return [future.result() for future in started]


# 2.3
def read_batch(read, indices):
    from multiprocessing.pool import ThreadPool

    with ThreadPool(len(indices)) as pool:
        return pool.map(read, indices)


# 2.3
def read_batch(read, indices):
    import asyncio

    async def everything():
        return await asyncio.gather(
            *(asyncio.to_thread(read, index) for index in indices)
        )

    loop = asyncio.new_event_loop()
    try:
        return loop.run_until_complete(everything())
    finally:
        loop.close()
