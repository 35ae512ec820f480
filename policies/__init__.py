"""Policies: one file each, one yaml each in conf/policy/."""
