"""What the entries of the log say, as columns, and how they are written as bytes."""
