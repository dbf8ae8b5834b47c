"""What people build today, kept to measure against: detectors in front of a language model."""
