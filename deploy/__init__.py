"""How Pawprint is run: the local stack, images, charts. Imports nothing of the product."""
