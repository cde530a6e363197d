"""Archives and compressed files, bounded before and while they are unpacked."""
