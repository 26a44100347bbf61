"""The figures that a GPU gives: what they are called and what they mean."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Figure:
    """What is measured, in the words of the page *Measured on GPUs*.

    Attributes:
        title: a few words.
        unit: of its numbers.
        meaning: what was done, in one or two sentences.
        chapter: file name of the notebook that measures it, without suffix.
        better: ``"less"`` or ``"more"`` if its lines can be compared with the first
            one, else ``None``.
    """

    title: str
    unit: str
    meaning: str
    chapter: str
    better: str | None = None


FIGURES = {
    "loader-throughput": Figure(
        "Loader throughput",
        "images/s",
        "Random crops of 224 pixels and flips from JPEG files of 500 by 375 pixels, "
        "as normalised float32 batches on the GPU. A run is one epoch with the "
        "workers started; the files are in the memory of the system.",
        "15_dali_gpu_decode",
        "more",
    ),
    "decoder-gap": Figure(
        "DALI's two decoders",
        "grey levels of 255",
        "How far the pixels of the mixed decoder are from those of the CPU decoder. "
        "A run is one of the 300 validation pictures of the solids.",
        "15_dali_gpu_decode",
    ),
    "data-wait": Figure(
        "Waiting for data",
        "% of an epoch",
        "The share of an epoch of ResNet-18 at 224 pixels, float32, in which the loop "
        "waits for its next batch, by the number of workers.",
        "02_dataloader_workers",
    ),
    "compile-calls": Figure(
        "The first calls of a compiled network",
        "ms",
        "Calls of the chapter's small network with 64 images of 64 pixels, in "
        "evaluation mode, one after the other. A run starts with empty caches.",
        "16_compile_first_call",
    ),
    "cuda-graph-calls": Figure(
        "The first calls with CUDA graphs",
        "ms",
        "Calls of one linear layer, 512 to 512, compiled with reduce-overhead. A run "
        "starts from an uncompiled layer.",
        "17_compile_warmup",
    ),
    "overwritten-outputs": Figure(
        "Overwritten outputs",
        "% readable",
        "How many outputs of a function compiled with reduce-overhead can still be "
        "read, with the right numbers, after the next call.",
        "17_compile_warmup",
    ),
    "amp-step": Figure(
        "A training step in mixed precision",
        "ms",
        "One training step of ResNet-18 with a batch of 128 images of 224 pixels.",
        "09_loss_scaling",
        "less",
    ),
    "amp-skipped": Figure(
        "Steps that the scaler skips",
        "of 30",
        "Skipped steps among the first 30 of the book's ResNet in float16. A run is "
        "one seed.",
        "09_loss_scaling",
    ),
    "gradient-check": Figure(
        "Looking for NaN gradients",
        "ms",
        "One training step of ResNet-18 with a batch of 16 images of 224 pixels, "
        "without a check and with two.",
        "07_nan_gradient_check",
        "less",
    ),
    "graph-memory": Figure(
        "Memory held by retained graphs",
        "MB",
        "GPU memory after and during class maps of 32 pictures, above what the "
        "network itself takes.",
        "13_retain_graph",
    ),
}
