"""The figures that a GPU gives: what they are called and what they mean."""

from dataclasses import dataclass

COMPILER, DALI = "compiler", "DALI"


@dataclass(frozen=True)
class Figure:
    """What is measured, in the words of the page *Measured on GPUs*.

    Attributes:
        title: a few words.
        unit: of its numbers.
        meaning: what was done, in one to three sentences.
        run: what gives one number, of which the median is taken.
        chapter: file name of the notebook that measures it, without suffix.
        better: ``"less"`` or ``"more"`` if its lines can be compared with the first
            one, else ``None``.
        needs: what a machine may lack for it, :data:`COMPILER` or :data:`DALI`.
    """

    title: str
    unit: str
    meaning: str
    run: str
    chapter: str
    better: str | None = None
    needs: str | None = None


FIGURES = {
    "amp-step": Figure(
        "A training step in mixed precision",
        "ms",
        "One training step of ResNet-18 with a batch of 128 images of 224 pixels.",
        "the mean of a block of steps, one after the other",
        "09_loss_scaling",
        "less",
    ),
    "amp-skipped": Figure(
        "Steps that the scaler skips",
        "of 30",
        "Skipped steps among the first 30 of the book's ResNet in float16.",
        "one seed",
        "09_loss_scaling",
    ),
    "graph-memory": Figure(
        "Memory held by retained graphs",
        "MB",
        "GPU memory after and during class maps of 32 pictures, above what the "
        "network itself takes. The peak includes the workspace that cuDNN takes for "
        "its convolutions.",
        "the class maps of a new network",
        "13_retain_graph",
    ),
    "overwritten-outputs": Figure(
        "Overwritten outputs",
        "% right",
        "How many outputs of a function compiled with reduce-overhead still hold the "
        "right numbers after the next call.",
        "one output",
        "17_compile_warmup",
        needs=COMPILER,
    ),
    "cuda-graph-calls": Figure(
        "The first calls with CUDA graphs",
        "ms",
        "Calls of one linear layer, 512 to 512, compiled with reduce-overhead. Each "
        "is timed until the GPU has finished.",
        "an uncompiled layer and empty caches of the compiler",
        "17_compile_warmup",
        needs=COMPILER,
    ),
    "data-wait": Figure(
        "Waiting for data",
        "% of the time",
        "The share of the time for which the training loop of ResNet-18 at 224 "
        "pixels, float32, waits for its next batch of 16, by the number of workers. "
        "The start of the epoch, in which the workers fill their queues, is left out.",
        "a part of one epoch, of about 40 batches",
        "02_dataloader_workers",
    ),
    "decoder-gap": Figure(
        "DALI's two decoders",
        "grey levels of 255",
        "How far the pixels of the mixed decoder are from those of the CPU decoder: "
        "as DALI sets it up, and with jpeg_fancy_upsampling, which enlarges the "
        "colours as the CPU decoder does. A card with a hardware decoder decodes "
        "about two thirds of the pictures with it.",
        "one of the 300 validation pictures of the solids",
        "15_dali_gpu_decode",
        needs=DALI,
    ),
    "loader-throughput": Figure(
        "Loader throughput",
        "images/s",
        "Random crops of 224 pixels and flips from JPEG files of 500 by 375 pixels "
        "and about 21 kB, as normalised float32 batches on the GPU. The files are in "
        "the memory of the system. An epoch of a DataLoader begins with empty "
        "queues, one of DALI with two batches ready; a DataLoader copies to the GPU "
        "from pinned memory, DALI on the CPU does not.",
        "one epoch of 3,000 images, with the workers started",
        "15_dali_gpu_decode",
        "more",
    ),
    "compile-calls": Figure(
        "The first calls of a compiled network",
        "ms",
        "Calls of the chapter's small network with 64 images of 64 pixels, in "
        "evaluation mode. Each is timed until the GPU has finished; the line for "
        "later calls is the median of twenty.",
        "an uncompiled network and empty caches of the compiler",
        "16_compile_first_call",
        needs=COMPILER,
    ),
}
