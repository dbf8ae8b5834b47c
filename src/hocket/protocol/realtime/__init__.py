"""OpenAI Realtime as a protocol: messages, codec and the translation of a session. No I/O."""
