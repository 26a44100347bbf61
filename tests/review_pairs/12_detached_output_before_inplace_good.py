"""Record feature statistics of a small network."""
import torch
import torch.nn as tnn


def conv_block(n_in, n_out):
    return tnn.Sequential(tnn.Conv2d(n_in, n_out, 3, padding=1, bias=False),
                          tnn.BatchNorm2d(n_out), tnn.LeakyReLU(0.1, inplace=True))


class FeatureStatistics:
    def __init__(self, model):
        self.model = model.eval()
        self.features = {}

    def _save(self, name):
        def hook(module, args, output):
            self.features[name] = output.detach().clone()
        return hook

    def measure(self, images):
        norms = {n: m for n, m in self.model.named_modules() if isinstance(m, tnn.BatchNorm2d)}
        handles = [m.register_forward_hook(self._save(n)) for n, m in norms.items()]
        with torch.inference_mode():
            self.model(images)
        for handle in handles:
            handle.remove()
        return {n: (f.mean().item(), f.std().item()) for n, f in self.features.items()}


if __name__ == "__main__":
    torch.manual_seed(0)
    body = tnn.Sequential(conv_block(3, 6), conv_block(6, 12), tnn.AdaptiveAvgPool2d(1))
    print(FeatureStatistics(body).measure(torch.rand(5, 3, 10, 10)))
