"""How the shipped models are made; needs the extra `train`, and nothing that is used at run time imports it."""
