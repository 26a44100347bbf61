# Wrong answers to the exercises of the interlude, and what each must be told.

# W.1: in all three cases
own_seeds, remedy, one_seed = 1000, 1000, 1000

# W.1: with PyTorch's seeds numbers come back
own_seeds, remedy, one_seed = 1000, 1000, 250

# W.1: with the remedy an epoch brings new numbers
own_seeds, remedy, one_seed = 10_000, 10_000, 250

# W.1: with the remedy two workers draw the same
own_seeds, remedy, one_seed = 10_000, 250, 250

# W.1: with one seed an epoch brings new numbers
own_seeds, remedy, one_seed = 10_000, 1000, 2500

# W.1: with one seed workers differ
own_seeds, remedy, one_seed = 10_000, 1000, 1000


# W.2: more than 32 bits
def seed_worker(worker_id):
    np.random.seed(torch.initial_seed())


# W.2: a repeated run
def seed_worker(worker_id):
    np.random.seed()


# W.2: all workers draw the same
def seed_worker(worker_id):
    np.random.seed(0)


# W.2: all workers draw the same
def seed_worker(worker_id):
    np.random.seed((torch.initial_seed() - worker_id) % 2**32)


# W.2: every epoch draws the same
def seed_worker(worker_id):
    np.random.seed(np.random.get_state()[1][0] + worker_id)


# W.2: every epoch draws the same
def seed_worker(worker_id):
    np.random.seed(worker_id)


# W.2: with a seed of 64 bits
def seed_worker(worker_id):
    np.random.seed(min(torch.initial_seed(), 2**32 - 1))


# W.2: all workers draw the same
def seed_worker(worker_id):
    pass


# W.2: every epoch draws the same
def seed_worker(worker_id):
    torch.manual_seed(worker_id)
    np.random.seed(torch.initial_seed() % 2**32)


# W.2: all workers draw the same
def seed_worker(worker_id):
    np.random.seed(torch.initial_seed() // 2**32)


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
