"""The durable, ordered log: the truth of which everything else is a fold. It knows bytes, and nothing of what they say."""
