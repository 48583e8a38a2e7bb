"""What every test shares: libraries behave as they do under the command line."""

import os

from perito.entrypoints.settings import quiet_libraries

quiet_libraries(os.environ)
