"""File to rows: each reader streams rows with their physical lines under a frozen parse plan."""
