"""What can be done with pictures, each a page that reads like a recipe."""
