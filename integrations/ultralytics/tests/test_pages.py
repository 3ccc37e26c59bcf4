"""What the pages show of the package is Python, and calls it as it can be called."""

import ast
import inspect
import pathlib
import re
import unittest

import policy_ultralytics

TOP = pathlib.Path(__file__).resolve().parents[3]
PAGES = [TOP / "Docs" / "Guides" / "training.md", TOP / "integrations" / "ultralytics" / "README.md"]


class PageTests(unittest.TestCase):
    def test_examples_call_what_is_there(self):
        count = 0
        options = set(inspect.signature(policy_ultralytics.Guard).parameters) | {"run"}
        for page in PAGES:
            text = page.read_text(encoding="utf-8")
            for block in re.findall(r"^```python\n(.*?)^```", text, re.MULTILINE | re.DOTALL):
                for call in ast.walk(ast.parse(block)):
                    name = isinstance(call, ast.Call) and isinstance(call.func, ast.Name) and call.func.id
                    if name in ("attach", "guard"):
                        words = {keyword.arg: None for keyword in call.keywords}
                        inspect.signature(getattr(policy_ultralytics, name)).bind(*call.args, **words)
                        self.assertLessEqual(set(words), options, page)
                        count += 1
        self.assertGreaterEqual(count, 3)
