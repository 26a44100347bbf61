"""Names of PyTorch and its neighbours that the rules know, and what they mean."""

SOFTMAX = {
    "torch.softmax": "softmax",
    "torch.nn.functional.softmax": "softmax",
    "torch.nn.functional.gumbel_softmax": "softmax",
    "torch.log_softmax": "log_softmax",
    "torch.nn.functional.log_softmax": "log_softmax",
    "torch.sigmoid": "sigmoid",
    "torch.nn.functional.sigmoid": "sigmoid",
    "torch.expit": "sigmoid",
    "torch.nn.functional.logsigmoid": "logsigmoid",
    "torch.nn.functional.linear": "logits",
}
SOFTMAX_METHODS = ("softmax", "log_softmax", "sigmoid")
SOFTMAX_LAYERS = {
    "torch.nn.Softmax": "softmax",
    "torch.nn.Softmax2d": "softmax",
    "torch.nn.LogSoftmax": "log_softmax",
    "torch.nn.Sigmoid": "sigmoid",
    "torch.nn.LogSigmoid": "logsigmoid",
    "torch.nn.Linear": "logits",
    "torch.nn.LazyLinear": "logits",
}
LOG = {"torch.log", "torch.nn.functional.log"}

# What changes the shape, place or type of a tensor and leaves its numbers.
SAME_NUMBERS = {
    "torch.squeeze", "torch.unsqueeze", "torch.flatten", "torch.reshape",
    "torch.transpose", "torch.permute", "torch.clone", "torch.clamp", "torch.cat",
    "torch.stack", "torch.concat", "torch.tensor", "torch.as_tensor",
    "torch.from_numpy", "numpy.transpose", "numpy.asarray", "numpy.array",
    "numpy.ascontiguousarray", "numpy.expand_dims", "numpy.moveaxis",
    "torch.Tensor", "torch.FloatTensor", "torch.detach", "torch.movedim",
}  # fmt: skip
SAME_NUMBERS_METHODS = {
    "view", "reshape", "squeeze", "unsqueeze", "flatten", "transpose", "permute",
    "contiguous", "to", "cuda", "cpu", "float", "double", "half", "bfloat16", "clone",
    "type", "type_as", "clamp", "clamp_min", "clamp_max", "unflatten", "squeeze_",
    "unsqueeze_", "movedim", "swapaxes", "astype", "numpy", "expand", "requires_grad_",
    "copy", "view_as", "t", "detach", "clip",
}  # fmt: skip
# Layers and functions that leave a softmax a softmax.
SAME_NUMBERS_LAYERS = {
    "torch.nn.Identity", "torch.nn.Flatten", "torch.nn.Unflatten", "torch.nn.Softmax",
}  # fmt: skip
# A module is the same module behind these methods.
SAME_MODULE_METHODS = {
    "to", "cuda", "cpu", "train", "eval", "float", "double", "half", "bfloat16",
    "requires_grad_", "share_memory", "apply", "to_empty",
}  # fmt: skip
WRAPPERS = {
    "torch.compile": "compile",
    "torch.jit.script": "script",
    "torch.nn.DataParallel": "parallel",
    "torch.nn.parallel.DistributedDataParallel": "parallel",
    "torch.nn.parallel.DataParallel": "parallel",
    "torch.distributed.fsdp.FullyShardedDataParallel": "parallel",
}
ITERATES = {  # they hand on the elements of their first argument
    "tqdm.tqdm", "tqdm.auto.tqdm", "tqdm.notebook.tqdm", "tqdm.autonotebook.tqdm",
    "builtins.list", "builtins.tuple", "builtins.iter",
    "builtins.reversed", "builtins.set", "itertools.islice",
    "itertools.cycle", "rich.progress.track", "fastprogress.progress_bar",
}  # fmt: skip

CROSS_ENTROPY = {"torch.nn.CrossEntropyLoss", "torch.nn.functional.cross_entropy"}
NLL = {"torch.nn.NLLLoss", "torch.nn.functional.nll_loss"}
BCE_LOGITS = {
    "torch.nn.BCEWithLogitsLoss",
    "torch.nn.functional.binary_cross_entropy_with_logits",
}
BCE = {"torch.nn.BCELoss", "torch.nn.functional.binary_cross_entropy"}
LOSSES = CROSS_ENTROPY | NLL | BCE_LOGITS | BCE

GUARDS = {
    "torch.no_grad": "no_grad",
    "torch.inference_mode": "no_grad",
    "torch.enable_grad": "grad",
    "torch.set_grad_enabled": "maybe_grad",
    "torch.autocast": "autocast",
    "torch.amp.autocast": "autocast",
    "torch.cuda.amp.autocast": "autocast",
    "torch.cpu.amp.autocast": "autocast",
}
NO_GRAD = "no_grad"

SCALERS = {"torch.amp.GradScaler", "torch.cuda.amp.GradScaler"}
CLIPS = {
    "torch.nn.utils.clip_grad_norm_",
    "torch.nn.utils.clip_grad_value_",
    "torch.nn.utils.clip_grad_norm",
    "torch.nn.utils.clip_grads_with_norm_",
}
CLIP_METHODS = {"clip_grad_norm_", "clip_grad_value_", "clip_grad_norm"}
BATCH_NORMS = {
    "torch.nn.BatchNorm1d", "torch.nn.BatchNorm2d", "torch.nn.BatchNorm3d",
    "torch.nn.SyncBatchNorm", "torch.nn.LazyBatchNorm1d", "torch.nn.LazyBatchNorm2d",
    "torch.nn.LazyBatchNorm3d",
}  # fmt: skip
CONVOLUTIONS = {"torch.nn.Conv1d", "torch.nn.Conv2d", "torch.nn.Conv3d"}
# What does something else in training than in evaluation: layers of torch.nn and the
# functions behind them, and the arguments this depends on. Of each argument: position,
# name, default, and the value with which training and evaluation are the same.
Switch = tuple[int, str, object, object]
_MODED: list[tuple[str, tuple[Switch, ...]]] = [
    (
        "Dropout Dropout1d Dropout2d Dropout3d AlphaDropout FeatureAlphaDropout",
        ((0, "p", 0.5, 0),),
    ),
    (
        "BatchNorm1d BatchNorm2d BatchNorm3d SyncBatchNorm",
        ((4, "track_running_stats", True, False),),
    ),
    (
        "InstanceNorm1d InstanceNorm2d InstanceNorm3d",
        ((4, "track_running_stats", False, False),),
    ),
    (
        "LazyBatchNorm1d LazyBatchNorm2d LazyBatchNorm3d "
        "LazyInstanceNorm1d LazyInstanceNorm2d LazyInstanceNorm3d",
        ((3, "track_running_stats", True, False),),
    ),
    ("RReLU", ()),
    # These drop out between their layers only: a single one has no place for it.
    ("RNN", ((2, "num_layers", 1, 1), (6, "dropout", 0, 0))),
    ("LSTM GRU", ((2, "num_layers", 1, 1), (5, "dropout", 0, 0))),
    ("MultiheadAttention", ((2, "dropout", 0, 0),)),
    ("TransformerEncoderLayer TransformerDecoderLayer", ((3, "dropout", 0.1, 0),)),
    ("Transformer", ((5, "dropout", 0.1, 0),)),
    (
        "functional.dropout functional.dropout1d functional.dropout2d "
        "functional.dropout3d",
        ((1, "p", 0.5, 0), (2, "training", True, False)),
    ),
    (
        "functional.alpha_dropout functional.feature_alpha_dropout",
        ((1, "p", 0.5, 0), (2, "training", False, False)),
    ),
    ("functional.rrelu", ((3, "training", False, False),)),
    ("functional.batch_norm", ((5, "training", False, False),)),
    (
        "functional.multi_head_attention_forward",
        ((10, "dropout_p", None, 0), (13, "training", True, False)),
    ),
    ("utils.spectral_norm utils.parametrizations.spectral_norm", ()),
]
MODED = {
    f"torch.nn.{name}": switches
    for listed, switches in _MODED
    for name in listed.split()
}
# What holds layers that nobody sees here, and may have modes.
HIDDEN = (
    "torch.nn.intrinsic.", "torch.nn.qat.", "torch.nn.quantizable.", "torch.ao.",
    "torchvision.models.", "torchvision.ops.StochasticDepth",
    "torchvision.ops.stochastic_depth", "torchvision.ops.DropBlock",
    "torchvision.ops.drop_block", "timm.",
)  # fmt: skip

# What gives files in the order of the file system.
LISTINGS = {"os.listdir", "os.scandir", "os.walk", "glob.glob", "glob.iglob"}
LISTING_METHODS = {"iterdir", "glob", "rglob", "walk"}

LOADERS = {"torch.utils.data.DataLoader"}
# Libraries whose functions do nothing to the modules and optimisers they are given,
# but for those the rules know by name.
HARMLESS = {
    "torch", "torchvision", "numpy", "builtins", "math", "time", "os", "sys", "tqdm",
    "copy", "json", "logging", "random", "pathlib", "sklearn", "matplotlib", "pandas",
    "collections", "itertools", "functools", "typing", "dataclasses", "argparse",
    "PIL", "torchinfo", "torchsummary", "wandb", "seaborn", "scipy", "warnings",
    "statistics", "shutil", "tempfile", "contextlib", "csv", "pickle", "datetime",
    "gc", "re", "string", "enum", "abc", "hashlib", "io", "glob", "yaml",
}  # fmt: skip
