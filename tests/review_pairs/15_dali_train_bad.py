import torch
import torch.nn as nn
from nvidia.dali import fn, pipeline_def, types
from nvidia.dali.plugin.pytorch import DALIClassificationIterator, LastBatchPolicy
from torchvision.models import resnet50


@pipeline_def
def train_pipeline(data_dir):
    jpegs = fn.readers.file(file_root=data_dir, random_shuffle=True, name="Reader")  # FAULT note 15
    images = fn.decoders.image_random_crop(jpegs, device="mixed", output_type=types.RGB)
    images = fn.resize(images, resize_x=224, resize_y=224)
    images = fn.crop_mirror_normalize(
        images,
        dtype=types.FLOAT,
        output_layout="CHW",
        mean=[0.485 * 255, 0.456 * 255, 0.406 * 255],
        std=[0.229 * 255, 0.224 * 255, 0.225 * 255],
        mirror=fn.random.coin_flip(probability=0.5),
    )
    return images


def main():
    pipe = train_pipeline("/data/imagenet/train", batch_size=256, num_threads=8, device_id=0, seed=42)
    pipe.build()
    loader = DALIClassificationIterator(pipe, reader_name="Reader", auto_reset=True,
                                        last_batch_policy=LastBatchPolicy.PARTIAL)
    model = resnet50(num_classes=1000).cuda()
    criterion = nn.CrossEntropyLoss(label_smoothing=0.1).cuda()
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1, momentum=0.9, weight_decay=1e-4)
    scheduler = torch.optim.lr_scheduler.StepLR(optimizer, step_size=30, gamma=0.1)

    for epoch in range(90):
        model.train()
        for i, data in enumerate(loader):
            x = data[0]["data"]
            y = data[0]["label"].squeeze(-1).long()
            optimizer.zero_grad(set_to_none=True)
            loss = criterion(model(x), y)
            loss.backward()
            optimizer.step()
            if i % 100 == 0:
                print(f"epoch {epoch} it {i} loss {loss.item():.3f}")
        scheduler.step()
        torch.save(model.state_dict(), "dali_r50.pt")


if __name__ == "__main__":
    main()
