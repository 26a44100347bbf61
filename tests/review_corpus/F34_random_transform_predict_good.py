import io
import torch
from flask import Flask, jsonify, request
from PIL import Image
from torchvision import transforms as T
from torchvision.models import mobilenet_v2

app = Flask(__name__)
stats = dict(mean=[0.485, 0.456, 0.406], std=[0.229, 0.224, 0.225])
TFMS = {
    "train": T.Compose([T.RandomResizedCrop(224), T.RandomHorizontalFlip(), T.ToTensor(), T.Normalize(**stats)]),
    "val": T.Compose([T.Resize(256), T.CenterCrop(224), T.ToTensor(), T.Normalize(**stats)]),
}

with open("classes.txt") as fh:
    labels = [line.strip() for line in fh]

model = mobilenet_v2(num_classes=len(labels))
model.load_state_dict(torch.load("food.pt", map_location="cpu"))
model.eval()


@torch.inference_mode()
def get_prediction(image_bytes, topk=3):
    image = Image.open(io.BytesIO(image_bytes)).convert("RGB")
    tensor = TFMS["val"](image).unsqueeze(0)
    probs = torch.softmax(model(tensor), dim=1)[0]
    score, idx = probs.topk(topk)
    return [{"label": labels[i], "score": round(s, 4)} for s, i in zip(score.tolist(), idx.tolist())]


@app.route("/predict", methods=["POST"])
def predict():
    return jsonify(get_prediction(request.files["file"].read()))


if __name__ == "__main__":
    app.run()
