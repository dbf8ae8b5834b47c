"""Others' instruments, driven against our own server.

Law: what they measure stands under their name; nothing of theirs is imported or copied.
Source: docs/voicebench.md.
"""
