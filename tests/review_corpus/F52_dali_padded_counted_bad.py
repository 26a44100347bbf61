import torch
import nvidia.dali.fn as fn
import nvidia.dali.types as types
from nvidia.dali.pipeline import Pipeline
from nvidia.dali.plugin.pytorch import DALIGenericIterator, LastBatchPolicy


def val_pipeline(path, bs, threads=4, gpu=0):
    pipe = Pipeline(bs, threads, gpu)
    with pipe:
        enc, lab = fn.readers.file(file_root=path, random_shuffle=False, pad_last_batch=True, name="val")
        img = fn.decoders.image(enc, device="mixed", output_type=types.RGB)
        img = fn.resize(img, resize_shorter=256)
        img = fn.crop_mirror_normalize(img, crop=(224, 224), dtype=types.FLOAT, output_layout="CHW",
                                       mean=[123.675, 116.28, 103.53], std=[58.395, 57.12, 57.375])
        pipe.set_outputs(img, lab)
    pipe.build()
    return pipe


def validate(model, path, bs=256):
    loader = DALIGenericIterator(
        [val_pipeline(path, bs)],
        ["x", "y"],
        reader_name="val",
        last_batch_policy=LastBatchPolicy.FILL,  # FAULT note 15
        auto_reset=True,
    )
    model.eval()
    top1, n = 0, 0
    with torch.no_grad():
        for out in loader:
            x, y = out[0]["x"], out[0]["y"].squeeze(-1).long().to("cuda")
            top1 += (model(x).argmax(1) == y).sum().item()
            n += y.numel()
    return 100.0 * top1 / n
