"""Many pictures: which are to be made, which are there, and who makes them."""
