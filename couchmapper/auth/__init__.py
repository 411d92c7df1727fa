"""Ways to say who is asking, one module for each, all run by the same driver."""
