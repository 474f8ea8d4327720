"""The demo town: what is in it, and how it gets through the edge."""
