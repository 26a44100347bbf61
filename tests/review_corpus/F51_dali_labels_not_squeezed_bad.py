import torch
import torch.nn as nn
from nvidia.dali import pipeline_def, fn, types
from nvidia.dali.plugin.pytorch import DALIClassificationIterator, LastBatchPolicy


@pipeline_def
def train_pipe(data_dir, crop):
    jpegs, labels = fn.readers.file(file_root=data_dir, random_shuffle=True, name="Reader")
    images = fn.decoders.image_random_crop(jpegs, device="mixed", output_type=types.RGB)
    images = fn.resize(images, resize_x=crop, resize_y=crop)
    images = fn.crop_mirror_normalize(images, dtype=types.FLOAT, mirror=fn.random.coin_flip(),
                                      mean=[0.485 * 255, 0.456 * 255, 0.406 * 255],
                                      std=[0.229 * 255, 0.224 * 255, 0.225 * 255])
    return images, labels


def make_iter(data_dir, bs, crop=224):
    pipe = train_pipe(data_dir, crop, batch_size=bs, num_threads=4, device_id=0)
    pipe.build()
    return DALIClassificationIterator(pipe, reader_name="Reader", auto_reset=True,
                                      last_batch_policy=LastBatchPolicy.DROP)


def train(model, data_dir, epochs=10, bs=128):
    it = make_iter(data_dir, bs)
    criterion = nn.CrossEntropyLoss().cuda()
    opt = torch.optim.SGD(model.parameters(), 0.1, momentum=0.9)
    for ep in range(epochs):
        model.train()
        for data in it:
            images = data[0]["data"]
            target = data[0]["label"].long().cuda()  # FAULT note 15
            loss = criterion(model(images), target)
            opt.zero_grad()
            loss.backward()
            opt.step()
