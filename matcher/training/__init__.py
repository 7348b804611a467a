"""Rebuild the shipped models; needs the extra ``train``, and nothing at run time imports it."""
