import torch
from torch import nn


class Activations:
    def __init__(self, model, names):
        self.values = {}
        modules = dict(model.named_modules())
        self.handles = [modules[n].register_forward_hook(self._keep(n)) for n in names]

    def _keep(self, name):
        def hook(module, args, output):
            self.values[name] = output.detach().clone()
        return hook

    def close(self):
        for handle in self.handles:
            handle.remove()


if __name__ == "__main__":
    torch.manual_seed(0)
    net = nn.Sequential(nn.Conv2d(3, 4, 3), nn.ReLU(inplace=True), nn.Flatten(), nn.Linear(144, 2))
    recorder = Activations(net.eval(), ["0"])
    with torch.no_grad():
        net(torch.rand(1, 3, 8, 8))
    recorder.close()
    print(recorder.values["0"].min())
