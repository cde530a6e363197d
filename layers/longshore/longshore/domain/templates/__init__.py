"""Template documents, and how the columns of a file are matched with their fields."""
