from nvidia.dali import fn, pipeline_def, types
from nvidia.dali import tfrecord as tfrec

NUMBERS = {"mean": [123.675, 116.28, 103.53], "std": [58.395, 57.12, 57.375]}


@pipeline_def(batch_size=32, num_threads=4, device_id=0)
def records(path, index):
    inputs = fn.readers.tfrecord(
        path=path, index_path=index, name="Reader", random_shuffle=True, initial_fill=4096,
        features={
            "image/encoded": tfrec.FixedLenFeature((), tfrec.string, ""),
            "image/class/label": tfrec.FixedLenFeature([1], tfrec.int64, -1),
        })
    images = fn.decoders.image(inputs["image/encoded"], device="mixed", output_type=types.RGB)
    images = fn.random_resized_crop(images, size=(224, 224))
    images = fn.crop_mirror_normalize(
        images, dtype=types.FLOAT, mirror=fn.random.coin_flip(), **NUMBERS)
    return images, inputs["image/class/label"].gpu() - 1


if __name__ == "__main__":
    pipe = records("train.tfrecord", "train.idx")
    pipe.build()
    print(pipe.run())
