"""A browser without a screen: what it makes of a page, and of a script that acts as a reader."""

import json
import re
import shutil
import subprocess
from html import unescape

CHROMIUM = (
    shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
)
WITHOUT_BROWSER = "needs Chromium or Chrome"
QUIET = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-sync",
    "--disable-background-networking",
    "--disable-component-update",
    "--virtual-time-budget=20000",
]
POLICY = re.compile(r'<meta http-equiv="Content-Security-Policy"[^>]*>')
TOLD = """<pre id="told"></pre><script>(async () => {
  let told;
  try { told = await (async () => { %s })(); } catch (error) { told = {error: String(error)}; }
  document.getElementById("told").textContent = JSON.stringify(told);
})();</script></body>"""


def dom_of(path, *options):
    """Return the DOM of a page as the browser builds it."""
    profile = f"--user-data-dir={path.parent / 'browser'}"
    command = [CHROMIUM, *QUIET, *options, profile, "--dump-dom", path.resolve().as_uri()]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=True)
    return done.stdout


def told_by(folder, html, script, *options):
    """Return what a script says that runs on a page after the page's own.

    script: JavaScript that returns what JSON can hold. The page's policy would not let it run; it
    is taken out of the copy that is read.
    """
    page = folder / "page.html"
    page.write_text(POLICY.sub("", html).replace("</body>", TOLD % script), encoding="utf-8")
    text = re.search(r'<pre id="told">(.*?)</pre>', dom_of(page, *options), re.S)[1]
    return json.loads(unescape(text))
