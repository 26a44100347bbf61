from nvidia.dali import fn, pipeline_def, types
from nvidia.dali.plugin.pytorch import DALIClassificationIterator, LastBatchPolicy

MEAN, STD = [0.485, 0.456, 0.406], [0.229, 0.224, 0.225]


@pipeline_def(batch_size=4, num_threads=1, device_id=None)
def pictures(root):
    jpegs, labels = fn.readers.file(file_root=root, name="Reader", pad_last_batch=True)
    images = fn.resize(fn.decoders.image(jpegs), size=(32, 32))
    images = fn.cast(images, dtype=types.FLOAT) / 255
    images = fn.crop_mirror_normalize(images, dtype=types.FLOAT, mean=MEAN, std=STD)
    return images, labels


if __name__ == "__main__":
    loader = DALIClassificationIterator(
        pictures("data/val"), reader_name="Reader", last_batch_policy=LastBatchPolicy.PARTIAL)
    for (batch,) in loader:
        print(batch["data"].mean().item(), batch["label"].flatten().tolist())
