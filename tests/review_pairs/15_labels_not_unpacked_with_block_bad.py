import nvidia.dali.fn as fn
import nvidia.dali.types as types
from nvidia.dali import Pipeline
from nvidia.dali.plugin.pytorch import DALIGenericIterator, LastBatchPolicy


class TestPictures:
    def __init__(self, root: str, batch_size: int = 4, side: int = 32) -> None:
        pipe = Pipeline(batch_size=batch_size, num_threads=1, device_id=None)
        with pipe:
            data = fn.readers.file(file_root=root, name="files", pad_last_batch=True)  # FAULT note 15
            decoded = fn.decoders.image(data)
            resized = fn.resize(decoded, size=(side, side))
            normal = fn.crop_mirror_normalize(resized, mean=[127.5] * 3, std=[127.5] * 3,
                                              dtype=types.FLOAT)
            pipe.set_outputs(normal, data)
        self.iterator = DALIGenericIterator(
            [pipe], ["image", "target"], reader_name="files", auto_reset=True,
            last_batch_policy=LastBatchPolicy.PARTIAL)

    def __iter__(self):
        for (batch,) in self.iterator:
            yield batch["image"], batch["target"].squeeze(1).long()


if __name__ == "__main__":
    print([len(target) for _, target in TestPictures("data/test")])
