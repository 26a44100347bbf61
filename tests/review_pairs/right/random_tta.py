import torch
from PIL import Image
from torchvision import transforms as T

NORM = T.Normalize([0.485, 0.456, 0.406], [0.229, 0.224, 0.225])
tta_tf = T.Compose([T.Resize(256), T.RandomCrop(224), T.RandomHorizontalFlip(), T.ToTensor(), NORM])
eval_tf = T.Compose([T.Resize(256), T.CenterCrop(224), T.ToTensor(), NORM])


@torch.no_grad()
def predict(model, path, device="cpu"):
    model.eval()
    im = Image.open(path).convert("RGB")
    return model(eval_tf(im)[None].to(device)).softmax(1)[0].cpu()


@torch.no_grad()
def predict_tta(model, path, n_views=16, seed=0, device="cpu"):
    model.eval()
    im = Image.open(path).convert("RGB")
    with torch.random.fork_rng():
        torch.manual_seed(seed)
        views = torch.stack([tta_tf(im) for _ in range(n_views)])
    return model(views.to(device)).softmax(1).mean(0).cpu()
