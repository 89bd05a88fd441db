"""What VGG sees in pictures, and the weights that it sees with."""
