"""What is minimised: pure losses, the terms made of them, and the objective that adds them up."""
