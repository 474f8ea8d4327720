"""What tests/load/run measures: the stack, and one module for each family of loads."""
