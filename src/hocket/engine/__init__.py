"""Ears, voice, the runtime of the model and the engines that decide. port.py is the seam."""
