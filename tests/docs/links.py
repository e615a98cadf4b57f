"""Every relative link and picture of every page leads to a file; every anchor to a heading.   links.py SOURCE"""
import re
import sys
from pathlib import Path

root = Path(sys.argv[1]).resolve()
pages = [p for p in root.rglob("*.md") if not {"build", "demo", "runs", ".git"} & set(p.relative_to(root).parts)]


def anchors(page):
    """As GitHub makes them of headings."""
    text = re.sub(r"```.*?```", "", page.read_text(), flags=re.S)
    return {re.sub(r"[^\w\- ]", "", h.strip().lower()).replace(" ", "-") for h in re.findall(r"^#+ (.*)$", text, flags=re.M)}


broken, count = [], 0
for page in pages:
    text = re.sub(r"```.*?```", "", page.read_text(), flags=re.S)
    for link in re.findall(r"\]\(([^)\s]+)\)", text):
        if re.match(r"[a-z]+:", link):
            continue
        count += 1
        name, _, anchor = link.partition("#")
        target = (page.parent / name).resolve() if name else page
        if not target.exists():
            broken.append(f"{page.relative_to(root)}: there is no {link}")
        elif anchor and anchor not in anchors(target):
            broken.append(f"{page.relative_to(root)}: there is no heading {link}")
if count == 0:
    broken.append("no link was found at all")
sys.exit("\n".join(broken) or 0)
