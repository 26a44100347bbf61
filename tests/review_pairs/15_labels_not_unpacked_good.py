"""A DALI loader for class folders."""
import nvidia.dali.fn as fn
from nvidia.dali import pipeline_def, types
from nvidia.dali.plugin.pytorch import DALIClassificationIterator, LastBatchPolicy

MEAN = [0.485 * 255, 0.456 * 255, 0.406 * 255]
STD = [0.229 * 255, 0.224 * 255, 0.225 * 255]


@pipeline_def(batch_size=4, num_threads=1, device_id=None)
def pictures(root, training):
    jpegs, labels = fn.readers.file(
        file_root=root, name="Reader", pad_last_batch=True, shuffle_after_epoch=training)
    images = fn.decoders.image(jpegs, device="cpu", output_type=types.RGB)
    images = fn.resize(images, resize_shorter=36)
    images = fn.crop_mirror_normalize(
        images, crop=(32, 32), dtype=types.FLOAT, mean=MEAN, std=STD)
    return images, labels


def loader(root, training):
    return DALIClassificationIterator(
        pictures(root, training), reader_name="Reader", auto_reset=True,
        last_batch_policy=LastBatchPolicy.PARTIAL)


if __name__ == "__main__":
    for batch in loader("data/val", False):
        print(batch[0]["data"].shape, batch[0]["label"].flatten().tolist())
