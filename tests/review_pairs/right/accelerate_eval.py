import torch
from accelerate import Accelerator
from accelerate.utils import set_seed
from datasets import load_dataset
from torch.utils.data import DataLoader
from transformers import (AutoModelForSequenceClassification, AutoTokenizer,
                          DataCollatorWithPadding, get_cosine_schedule_with_warmup)

NAME = "distilbert-base-uncased"


def main(epochs=3, batch=32, lr=5e-5, accum=2):
    accelerator = Accelerator(mixed_precision="bf16", gradient_accumulation_steps=accum)
    set_seed(0)
    tok = AutoTokenizer.from_pretrained(NAME)
    ds = load_dataset("ag_news").map(lambda b: tok(b["text"], truncation=True, max_length=128),
                                     batched=True, remove_columns=["text"])
    ds = ds.rename_column("label", "labels")
    collate = DataCollatorWithPadding(tok)
    train = DataLoader(ds["train"], batch, shuffle=True, collate_fn=collate)
    test = DataLoader(ds["test"], batch, collate_fn=collate)
    model = AutoModelForSequenceClassification.from_pretrained(NAME, num_labels=4)
    opt = torch.optim.AdamW(model.parameters(), lr=lr)
    model, opt, train, test = accelerator.prepare(model, opt, train, test)
    steps = epochs * len(train) // accum
    sched = get_cosine_schedule_with_warmup(opt, steps // 20, steps)

    for epoch in range(epochs):
        model.train()
        for b in train:
            with accelerator.accumulate(model):
                loss = model(**b).loss
                accelerator.backward(loss)
                if accelerator.sync_gradients:
                    accelerator.clip_grad_norm_(model.parameters(), 1.0)
                opt.step()
                if accelerator.sync_gradients:
                    sched.step()
                opt.zero_grad()

        model.eval()
        hits = total = 0
        for b in test:
            with torch.no_grad():
                pred = model(**b).logits.argmax(-1)
            # drops the samples that were added to make the ranks equal
            pred, ref = accelerator.gather_for_metrics((pred, b["labels"]))
            hits += (pred == ref).sum().item()
            total += len(ref)
        accelerator.print(epoch, hits / total)


if __name__ == "__main__":
    main()
