import cv2
import numpy as np
import torch
from torchvision.models import resnet50


def imread(path, to_rgb):
    im = cv2.imread(path, cv2.IMREAD_COLOR)
    if im is None:
        raise FileNotFoundError(path)
    return cv2.cvtColor(im, cv2.COLOR_BGR2RGB) if to_rgb else im


def caffe_blob(path):
    """VGG-Caffe convention: BGR, 0..255, mean subtracted, no std"""
    im = cv2.resize(imread(path, to_rgb=False), (224, 224)).astype(np.float32)
    im -= np.array([103.939, 116.779, 123.68], np.float32)
    return torch.from_numpy(im.transpose(2, 0, 1))[None]


def torch_blob(path):
    im = cv2.resize(imread(path, to_rgb=True), (224, 224)).astype(np.float32) / 255.0
    im = (im - (0.485, 0.456, 0.406)) / (0.229, 0.224, 0.225)
    return torch.from_numpy(im.transpose(2, 0, 1)).float()[None]


@torch.no_grad()
def ensemble(caffe_net, path):
    tv = resnet50(weights="IMAGENET1K_V1").eval()
    caffe_net.eval()
    p = tv(torch_blob(path)).softmax(1) + caffe_net(caffe_blob(path)).softmax(1)
    return int(p.argmax(1))
