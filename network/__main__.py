"""The package as a program: every command."""

import sys

from network.app.main import main

if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
