"""The command line: arguments in, pictures, lines and exit codes out."""
