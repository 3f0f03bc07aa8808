"""Pretrain small masked language models on real proteins."""
