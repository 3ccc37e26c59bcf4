#!/usr/bin/env python3
"""Opens pages of `policy report` in a browser and uses them: reportpage.py POLICY [RUNS] [PICTURES].

From a demo tree and from a large one of RUNS runs (2,000): nothing is asked of a network, nothing complains, filters
narrow, keys move, the language and the theme change, paper has rows; and how long the first drawing and each frame of a
scroll take. Pictures go to the folder PICTURES, where one is named. Without a Chromium it says so and ends with 0.
"""
import os
import shutil
import subprocess
import sys
import tempfile

import browser

HERE = os.path.dirname(os.path.abspath(__file__))
REPOSITORY = os.path.dirname(os.path.dirname(HERE))
policy = os.path.abspath(sys.argv[1])
runs = int(sys.argv[2]) if len(sys.argv) > 2 else 2000
pictures = sys.argv[3] if len(sys.argv) > 3 else None
failures = []

FRAMES = """new Promise((done) => {
  const list = document.getElementById("scroll");
  const times = [];
  let [last, step] = [performance.now(), 0];
  const next = () => {
    const now = performance.now();
    times.push(now - last);
    last = now;
    step += 1;
    if (step > 120) {
      list.scrollTop = 0;
      times.shift();
      done(times.sort((a, b) => a - b));
      return;
    }
    list.scrollTop = (list.scrollHeight * step) / 120;
    requestAnimationFrame(next);
  };
  requestAnimationFrame(next);
})"""


def expect(holds, words):
    if not holds:
        failures.append(words)
        print("FAILED: " + words)


def make(tree, page, *options, example="yolofuse"):
    plan = tree + ".plan.json"
    source = os.path.join(REPOSITORY, f"policies/{example}/policy.yaml")
    # A plan that a limit refuses is a plan as well.
    subprocess.run([policy, "plan", "-p", source, "--root", tree, "-o", plan], stdout=subprocess.DEVNULL,
                   stderr=subprocess.DEVNULL)
    subprocess.run([policy, "report", plan, "-o", page, *options], check=True, stderr=subprocess.DEVNULL)


def use(page):
    """Everything that a reader does, on the page of the demo tree."""
    reader = browser.Browser()
    try:
        reader.show(page)
        whole = reader.run("document.getElementById('grid').getAttribute('aria-rowcount')")
        expect(int(whole) > 10, f"the demo tree has {whole} rows")
        rows = "document.querySelectorAll('.row:not([hidden])').length"
        count = "Number(document.getElementById('grid').getAttribute('aria-rowcount')) - 1"

        # Filters.
        reader.run("document.getElementById('search').focus()")
        reader.send("Input.insertText", {"text": "fuse"})
        found = reader.run(count)
        expect(0 < found < int(whole) - 1, f"the search narrows: {found} of {whole}")
        expect(reader.run(rows) == found, "as many rows as were found")
        reader.run("document.getElementById('clear').click()")
        expect(reader.run(count) == int(whole) - 1, "everything comes back")
        reader.run("document.querySelector('[data-fate=trash]').click()")
        trashed = reader.run(count)
        expect(0 < trashed < int(whole) - 1, f"a fate narrows: {trashed}")
        reader.run("document.getElementById('clear').click()")

        # The list by keys.
        reader.run("document.getElementById('scroll').focus()")
        first = reader.run("document.activeElement.getAttribute('aria-activedescendant')")
        reader.key("ArrowDown")
        second = reader.run("document.activeElement.getAttribute('aria-activedescendant')")
        expect(first and second and first != second, f"arrows move: {first}, {second}")
        expect(reader.run(f"document.getElementById('{second}').getAttribute('aria-selected')") == "true", "and select")
        reader.key("Enter")
        expect(reader.run("!document.getElementById('details').hidden"), "Enter opens the details")
        expect(reader.run("document.activeElement.id") == "details-title", "which have the focus")
        if pictures:
            reader.picture(os.path.join(pictures, "details.png"))
        reader.key("Escape")
        expect(reader.run("document.getElementById('details').hidden"), "Escape closes them")
        expect(reader.run("document.activeElement.id") == "scroll", "and the focus is back in the list")

        # The map by keys, and as a table.
        reader.run("document.getElementById('canvas').focus()")
        reader.key("Enter")
        depth = reader.run("document.querySelectorAll('.crumb').length")
        expect(depth == 2, f"Enter opens a part of the map: {depth}")
        expect(reader.run("document.getElementById('told').textContent.length > 3"), "and says which")
        reader.key("Backspace")
        expect(reader.run("document.querySelectorAll('.crumb').length") == 1, "Backspace goes back")
        reader.run("document.getElementById('as-table').click()")
        expect(reader.run("document.querySelectorAll('#places tbody tr').length") > 0, "the map is there as a table")
        reader.run("document.getElementById('as-map').click()")

        # Every control has a name.
        nameless = reader.run(
            "[...document.querySelectorAll('button, input, select, canvas, [role=grid]')].filter((element) => "
            "!element.textContent.trim() && !element.getAttribute('aria-label') && !element.labels?.length && "
            "!element.getAttribute('aria-labelledby')).map((element) => element.outerHTML.slice(0, 80))")
        expect(nameless == [], f"controls without a name: {nameless}")

        # Language and theme.
        reader.run("document.getElementById('language').click()")
        expect(reader.run("document.documentElement.lang") == "zh-CN", "the page is in Chinese")
        expect("训练" in reader.run("document.getElementById('runs-title').textContent"), "and so are its words")
        if pictures:
            reader.picture(os.path.join(pictures, "chinese.png"))
        reader.run("document.getElementById('language').click()")
        reader.run("document.getElementById('theme').click()")
        dark = reader.run("getComputedStyle(document.body).backgroundColor")
        reader.run("document.getElementById('theme').click()")
        light = reader.run("getComputedStyle(document.body).backgroundColor")
        expect(dark != light, f"dark is another colour: {dark}, {light}")

        paper = reader.paper()
        expect(paper.startswith(b"%PDF") and len(paper) > 20_000, f"paper has something on it: {len(paper)} bytes")
        if pictures:
            with open(os.path.join(pictures, "paper.pdf"), "wb") as file:
                file.write(paper)
        expect(reader.complaints() == [], f"the page complains: {reader.complaints()}")
    finally:
        reader.close()


def thinned(page):
    """Runs of which some checkpoints go: found by rule and by fate, and shown as going in part."""
    reader = browser.Browser()
    try:
        reader.show(page)
        count = "Number(document.getElementById('grid').getAttribute('aria-rowcount')) - 1"
        data = "JSON.parse(document.getElementById('data').textContent)"
        runs_there = reader.run(count)
        thin = reader.run(f"(() => {{ const data = {data}; return data.runs.fate.filter((fate) => "
                          "data.fates[fate] === 'thin').length; })()")
        expect(0 < thin < runs_there, f"{thin} of {runs_there} runs are thinned out")
        for text in ("thin", "thin out", "精简"):
            reader.run("document.getElementById('search').focus()")
            reader.send("Input.insertText", {"text": text})
            expect(reader.run(count) == thin, f"{text!r} finds {reader.run(count)} runs, not {thin}")
            reader.run("document.getElementById('clear').click()")
        pieces = reader.run("[...document.querySelectorAll('#bar .fate-thin')].map((piece) => "
                            "[piece.classList.contains('striped'), Number(piece.style.flexGrow)])")
        expect([piece[0] for piece in pieces] == [True, False], f"the bar tells what goes from what stays: {pieces}")
        words = reader.run("document.querySelector('[data-fate=thin]').textContent")
        expect(" of " in words, f"and so does its legend: {words}")
        reader.run("document.querySelector('.row').click()")
        tall = reader.run("Math.max(...[...document.querySelectorAll('.items li > span:first-child')]"
                          ".map((name) => name.getBoundingClientRect().height))")
        expect(0 < tall < 30, f"the name of a checkpoint is on one line: {tall} pixels")
        if pictures:
            reader.picture(os.path.join(pictures, "thinned.png"))
        reader.paper()
        wide = reader.run("document.getElementById('canvas').getBoundingClientRect().width / "
                          "document.getElementById('map').parentElement.getBoundingClientRect().width")
        expect(wide > 0.9, f"after a print the map is as wide as before: {wide:.2f}")
        expect(reader.complaints() == [], f"the page complains: {reader.complaints()}")
    finally:
        reader.close()


def looks(page):
    """One picture of each look; and the browser's own wishes are heard."""
    for name, language, scheme, width in (
        ("light", "en-US", "light", 1280), ("dark", "en-US", "dark", 1280), ("narrow", "en-US", "light", 360),
    ):
        reader = browser.Browser(language)
        try:
            reader.show(page, width, 900, scheme)
            wide = reader.run("document.documentElement.scrollWidth")
            expect(wide <= width, f"{name}: {wide} pixels in a window of {width}")
            if name == "dark":
                color = reader.run("getComputedStyle(document.body).backgroundColor")
                expect(color == "rgb(19, 20, 22)", f"the dark theme of the system: {color}")
            if pictures:
                reader.picture(os.path.join(pictures, name + ".png"))
            expect(reader.complaints() == [], f"{name}: {reader.complaints()}")
        finally:
            reader.close()


def measure(page):
    size = os.path.getsize(page)
    reader = browser.Browser()
    try:
        first = sorted(reader.show(page) for _ in range(3))[1]
        frames = reader.run(FRAMES)
        found = reader.run(
            "(() => { const begin = performance.now(); const box = document.getElementById('search');"
            "box.value = 'exp1'; box.dispatchEvent(new Event('input')); return performance.now() - begin; })()")
        rows = reader.run("document.querySelectorAll('.row').length")
        nodes = reader.run("document.getElementsByTagName('*').length")
        count = reader.run("document.getElementById('found').textContent")
        expect(rows < 60, f"{rows} rows are in the page at once")
        expect(reader.complaints() == [], f"the large page complains: {reader.complaints()}")
        print(f"{runs} runs: page of {size / 1e6:.1f} MB, first drawing after {first:.0f} ms (median of 3), {nodes} elements")
        print(f"  a frame of a scroll: {frames[len(frames) // 2]:.1f} ms median, {frames[int(len(frames) * .95)]:.1f} ms "
              f"95th, {frames[-1]:.1f} ms worst of {len(frames)}")
        print(f"  a search: {found:.0f} ms ({count})")
        if pictures:
            reader.run("document.getElementById('clear').click()")
            reader.picture(os.path.join(pictures, "large.png"))
    finally:
        reader.close()


def main():
    if not browser.program():
        print("NOT SHOWN HERE: pages in a browser (apt-get install chromium)")
        return 0
    if pictures:
        os.makedirs(pictures, exist_ok=True)
    work = tempfile.mkdtemp(prefix="policy-report-")
    try:
        demo, large = os.path.join(work, "demo"), os.path.join(work, "large")
        subprocess.run([os.path.join(REPOSITORY, "scripts/demo-tree"), demo], check=True, stdout=subprocess.DEVNULL)
        make(demo, demo + ".html")
        use(demo + ".html")
        looks(demo + ".html")
        make(demo, demo + ".thin.html", example="in-run-thinning")
        thinned(demo + ".thin.html")
        subprocess.run([os.path.join(REPOSITORY, "scripts/bench-tree"), large, str(runs)], check=True)
        make(large, large + ".html")
        measure(large + ".html")
    finally:
        shutil.rmtree(work, ignore_errors=True)
    print("failed: " + "; ".join(failures) if failures else "pages in a browser: everything holds")
    return 1 if failures else 0


sys.exit(main())
