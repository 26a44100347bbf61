from dataclasses import dataclass

import nvidia.dali.fn as fn
import nvidia.dali.types as types
import torch
from nvidia.dali import pipeline_def
from nvidia.dali.plugin.pytorch import DALIClassificationIterator, LastBatchPolicy
from torchvision.models import ConvNeXt_Tiny_Weights, convnext_tiny


@dataclass
class EvalConfig:
    root: str = "/data/imagenet/val"
    batch: int = 128
    threads: int = 6
    mean: tuple = (0.485 * 255, 0.456 * 255, 0.406 * 255)
    std: tuple = (0.229 * 255, 0.224 * 255, 0.225 * 255)


def normalize(images, cfg):
    return fn.crop_mirror_normalize(
        images, crop=(224, 224), dtype=types.FLOAT, output_layout="CHW",
        mean=list(cfg.mean), std=list(cfg.std))


@pipeline_def
def eval_pipeline(cfg):
    encoded, labels = fn.readers.file(
        file_root=cfg.root, random_shuffle=False, pad_last_batch=True, name="val")
    images = fn.decoders.image(encoded, device="mixed", output_type=types.RGB)
    images = fn.resize(images, resize_shorter=236)
    return normalize(images, cfg), labels.gpu()


def val_iterator(cfg):
    pipe = eval_pipeline(cfg, batch_size=cfg.batch, num_threads=cfg.threads, device_id=0)
    return DALIClassificationIterator(pipe, reader_name="val",
                                      last_batch_policy=LastBatchPolicy.PARTIAL)


@torch.inference_mode()
def top1(model, iterator):
    model.eval()
    hits = count = 0
    for out in iterator:
        x, y = out[0]["data"], out[0]["label"].squeeze(-1).long()
        hits += (model(x).argmax(1) == y).sum().item()
        count += len(y)
    return hits / count


if __name__ == "__main__":
    net = convnext_tiny(weights=ConvNeXt_Tiny_Weights.IMAGENET1K_V1).cuda()
    print(f"top-1 {top1(net, val_iterator(EvalConfig())):.4f}")
