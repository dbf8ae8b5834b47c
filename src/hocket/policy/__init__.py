"""Who may speak when: modes, permits, reasons. Tables and pure rules."""
