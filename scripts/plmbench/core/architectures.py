"""The classes of transformers that can be trained here, and what each of them learns by."""

# {config.json's model_type: a key of OBJECTIVES in pretrain/objectives.py}
OBJECTIVE_OF = {
    "albert": "masked",
    "bart": "spans",
    "bert": "masked",
    "gpt2": "next",
    "t5": "spans",
}
NEEDS = {  # {objective: what a network is that can learn by it}
    "masked": "reads what stands before and after a residue",
    "next": "reads what stands before a residue alone",
    "spans": "has an encoder and a decoder",
}
