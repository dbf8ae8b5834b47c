"""One file per wire: local files, WebSockets. Shells around the session."""
