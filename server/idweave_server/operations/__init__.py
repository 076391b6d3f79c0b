"""What can be asked of a store: one module per use case, and the store's own life."""
