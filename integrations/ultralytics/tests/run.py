"""Runs the tests of the package against a built program:  python3 run.py PROGRAM"""

import os
import pathlib
import sys
import unittest

LEAST = 29


def main():
    if len(sys.argv) != 2 or not os.access(sys.argv[1], os.X_OK):
        sys.exit(__doc__)
    os.environ["POLICY_PROGRAM"] = sys.argv[1]
    here = pathlib.Path(__file__).resolve().parent
    sys.path[:0] = [str(here), str(here.parent)]
    sys.dont_write_bytecode = True
    result = unittest.TextTestRunner(verbosity=1).run(unittest.defaultTestLoader.discover(str(here)))
    for test, why in result.skipped:
        print(f"training callbacks: {why}: {test.id()}")
    print(f"training callbacks: {result.testsRun} tests, {len(result.skipped)} skipped")
    sys.exit(0 if result.wasSuccessful() and result.testsRun >= LEAST else 1)


if __name__ == "__main__":
    main()
