# Wrong answers to the exercises of the interlude, and what each must be told.

# W.1: in all three cases
own_seeds, old_function, one_seed = 1000, 1000, 1000

# W.1: with PyTorch's seeds numbers come back
own_seeds, old_function, one_seed = 1000, 1000, 250

# W.1: with the old function an epoch brings new numbers
own_seeds, old_function, one_seed = 10_000, 10_000, 250

# W.1: with the old function two workers draw the same
own_seeds, old_function, one_seed = 10_000, 250, 250

# W.1: with one seed an epoch brings new numbers
own_seeds, old_function, one_seed = 10_000, 1000, 2500

# W.1: with one seed workers differ
own_seeds, old_function, one_seed = 10_000, 1000, 1000


# W.2: a rank gets the same pictures
def repaired(dataset, rank, epochs):
    sampler = DistributedSampler(dataset, num_replicas=2, rank=rank)
    loader = DataLoader(dataset, sampler=sampler, num_workers=2)
    return [[(int(i), float(x)) for i, x in loader] for _ in range(epochs)]


# W.2: a rank gets the same pictures
def repaired(dataset, rank, epochs):
    sampler = DistributedSampler(dataset, num_replicas=2, rank=rank)
    seed = torch.Generator().manual_seed(rank)
    loader = DataLoader(dataset, 4, sampler=sampler, num_workers=2, generator=seed)
    return [
        [(int(i), float(x)) for batch in loader for i, x in zip(*batch)]
        for _ in range(epochs)
    ]


# W.2: crops come back
def repaired(dataset, rank, epochs):
    from copied import seed_worker as old

    sampler = DistributedSampler(dataset, num_replicas=2, rank=rank)
    seed = torch.Generator().manual_seed(rank)
    loader = DataLoader(
        dataset,
        sampler=sampler,
        num_workers=2,
        worker_init_fn=old,
        generator=seed,
    )
    seen = []
    for epoch in range(epochs):
        sampler.set_epoch(epoch)
        seen.append([(int(i), float(x)) for i, x in loader])
    return seen


# W.2: both ranks draw the same
def repaired(dataset, rank, epochs):
    sampler = DistributedSampler(dataset, num_replicas=2, rank=rank)
    seed = torch.Generator().manual_seed(0)
    loader = DataLoader(dataset, 4, sampler=sampler, num_workers=2, generator=seed)
    seen = []
    for epoch in range(epochs):
        sampler.set_epoch(epoch)
        seen.append([(int(i), float(x)) for b in loader for i, x in zip(*b)])
    return seen


# W.2: a repeated run
def repaired(dataset, rank, epochs):
    sampler, seen = DistributedSampler(dataset, num_replicas=2, rank=rank), []
    loader = DataLoader(dataset, sampler=sampler, num_workers=2)
    for epoch in range(epochs):
        sampler.set_epoch(epoch)
        seen.append([(int(i), float(x)) for i, x in loader])
    return seen


# W.2: do not share out
def repaired(dataset, rank, epochs):
    seed = torch.Generator().manual_seed(rank)
    loader = DataLoader(dataset, shuffle=True, num_workers=2, generator=seed)
    return [[(int(i), float(x)) for i, x in loader] for _ in range(epochs)]


# W.2: crops come back
def repaired(dataset, rank, epochs):
    seen = []
    for epoch in range(epochs):
        sampler = DistributedSampler(dataset, num_replicas=2, rank=rank)
        sampler.set_epoch(epoch)
        seed = torch.Generator().manual_seed(rank)  # again in each epoch
        loader = DataLoader(dataset, sampler=sampler, num_workers=2, generator=seed)
        seen.append([(int(i), float(x)) for i, x in loader])
    return seen


# W.3: a generator is as it was before
def reseed(dataset, seed):
    dataset.rng = np.random.default_rng(seed)


# W.3: a generator is as it was before
def reseed(dataset, seed):
    np.random.seed(seed)


# W.3: draw the same numbers
def reseed(dataset, seed):
    dataset.rng = np.random.default_rng(seed)
    dataset.colour.rng = np.random.default_rng(seed)


# W.3: draw the same numbers
def reseed(dataset, seed):
    dataset.rng = dataset.colour.rng = np.random.default_rng(seed)
    first = dataset.rng.bit_generator.state
    dataset.colour.rng = np.random.default_rng()
    dataset.colour.rng.bit_generator.state = first


# W.3: a repeated run gives other numbers
def reseed(dataset, seed):
    dataset.rng = np.random.default_rng()
    dataset.colour.rng = np.random.default_rng()


# W.3: are the colours of the next
def reseed(dataset, seed):
    dataset.rng = np.random.default_rng(seed + 1)
    dataset.colour.rng = np.random.default_rng(seed + 2)
