"""Validation pictures through DALI."""
from nvidia.dali import fn, pipeline_def, types
from nvidia.dali.plugin.pytorch import DALIClassificationIterator, LastBatchPolicy


@pipeline_def
def validation(root, side=32):
    jpegs, labels = fn.readers.file(file_root=root, name="Reader", pad_last_batch=True)
    images = fn.decoders.image(jpegs, output_type=types.RGB)
    images = fn.resize(images, resize_shorter=side + 4)
    images = fn.crop_mirror_normalize(
        images,
        dtype=types.FLOAT,
        output_layout="CHW",
        crop=(side, side),
        mean=[0.485 * 255, 0.456 * 255, 0.406 * 255],
        std=[0.229 * 255, 0.224 * 255, 0.225 * 255],
    )
    return images, labels


def main():
    pipeline = validation("data/val", batch_size=4, num_threads=1, device_id=None)
    loader = DALIClassificationIterator(
        pipeline, reader_name="Reader", last_batch_policy=LastBatchPolicy.PARTIAL)
    first = next(iter(loader))[0]
    print(first["data"].mean(), first["label"].shape)


if __name__ == "__main__":
    main()
