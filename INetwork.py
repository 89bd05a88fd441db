"""Neural style transfer: ``python INetwork.py CONTENT STYLE [STYLE ...] PREFIX``.

Paints CONTENT in the manner of the STYLE pictures and writes
``PREFIX_at_iteration_N.png`` after every iteration. The work is done by the
``network`` package; ``--help`` lists the options.
"""

import sys

from network.app.main import main

if __name__ == "__main__":
    sys.exit(main(["transfer", *sys.argv[1:]], program="INetwork.py"))
