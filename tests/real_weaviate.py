"""The Weaviate server that the environment names for the contract suite, taken out of everybody else's sight.

Imported before anything reads the environment: otherwise every test with settings of its own would be on that server.
"""

import os

REAL_WEAVIATE = {name.lower(): os.environ.pop(name) for name in list(os.environ) if name.startswith("WEAVIATE_")}
