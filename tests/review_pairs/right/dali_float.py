import torch
from nvidia.dali import fn, pipeline_def, types
from nvidia.dali.plugin.pytorch import DALIGenericIterator, LastBatchPolicy
from torch import nn

MEAN = torch.tensor([0.485, 0.456, 0.406])
STD = torch.tensor([0.229, 0.224, 0.225])


@pipeline_def(num_threads=4, device_id=0)
def shelf_pipeline(root, train):
    jpegs, labels = fn.readers.file(file_root=root, random_shuffle=train, name="reader",
                                    pad_last_batch=not train)
    images = fn.decoders.image(jpegs, device="mixed", output_type=types.RGB)
    if train:
        images = fn.random_resized_crop(images, size=224)
    else:
        images = fn.crop(fn.resize(images, resize_shorter=256), crop=(224, 224))
    # to 0-1 first, so the statistics are those on the 0-1 scale
    images = fn.cast(images, dtype=types.FLOAT) / 255.0
    images = fn.crop_mirror_normalize(images, dtype=types.FLOAT, output_layout="CHW",
                                      mean=MEAN.tolist(), std=STD.tolist())
    return images, labels


def iterator(root, train, batch=64):
    pipe = shelf_pipeline(root, train, batch_size=batch)
    policy = LastBatchPolicy.DROP if train else LastBatchPolicy.PARTIAL
    return DALIGenericIterator([pipe], ["image", "label"], reader_name="reader",
                               last_batch_policy=policy, auto_reset=True)


def fit(net, root, epochs=10):
    net.cuda()
    opt = torch.optim.SGD(net.parameters(), lr=0.02, momentum=0.9)
    ce = nn.CrossEntropyLoss()
    train_it = iterator(root + "/train", True)
    for epoch in range(epochs):
        net.train()
        for batch in train_it:
            x = batch[0]["image"]
            y = batch[0]["label"].squeeze(1).long().cuda()
            opt.zero_grad()
            loss = ce(net(x), y)
            loss.backward()
            opt.step()
        print(epoch, loss.item())
