"""Reading, normalising and validating what people write down about themselves: one module a kind of identifier or trait."""
