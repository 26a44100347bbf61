"""Functions whose names only look like those of a training loop."""
import ast
import re

import numpy as np
import torch
from torch import nn

PATTERN = re.compile(r"epoch=(\d+)")


def train_test_rows(table, share=0.8):
    cut = int(share * len(table))
    return table[:cut], table[cut:]


def read_settings(text):
    settings = ast.literal_eval(text)
    settings["width"] = int(np.clip(settings["width"], 4, 64))
    return settings


def main():
    torch.manual_seed(0)
    settings = read_settings("{'width': 100, 'lr': 0.1}")
    net = nn.Linear(3, settings["width"])
    train, test = train_test_rows(torch.randn(10, 3))
    with torch.no_grad():
        print(net(train).clamp(max=1).shape, net(test).clamp_(-1, 1).shape)
    for line in ("epoch=1", "epoch=2", "end"):
        if match := PATTERN.match(line):
            print(match[1])


if __name__ == "__main__":
    main()
