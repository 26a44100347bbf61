import torch
import torch.nn.functional as F


def flat(params):
    return torch.cat([p.grad.flatten() for p in params if p.grad is not None])


def step(model, x, y_main, y_aux, opt):
    shared = [p for n, p in model.named_parameters() if not n.startswith(("main", "aux"))]
    main, aux = model(x)
    l1, l2 = F.cross_entropy(main, y_main), F.cross_entropy(aux, y_aux)

    opt.zero_grad()
    l1.backward(retain_graph=True)
    g1 = flat(shared).clone()
    l2.backward()
    g2 = flat(shared) - g1
    cos = F.cosine_similarity(g1, g2, dim=0).item()
    opt.step()
    return l1.item(), l2.item(), cos


def run(model, loader, dev, epochs=5):
    opt = torch.optim.SGD(model.parameters(), 0.01, momentum=0.9)
    for ep in range(epochs):
        model.train()
        log = []
        for x, a, b in loader:
            log.append(step(model, x.to(dev), a.to(dev), b.to(dev), opt))
        print(ep, "mean gradient cosine per step", sum(c for *_, c in log) / len(log))
