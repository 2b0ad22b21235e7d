"""WeasyPrint, the peer: run in its own environment.

`weasyprint_pages.py FOLDER`: each .html becomes a tagged PDF; the CPU seconds of each as JSON.
"""

import json
import sys
import time
from pathlib import Path

from weasyprint import HTML  # type: ignore[import-not-found]  # in the peers' environment only

TIMES = []
for page in sorted(Path(sys.argv[1]).glob("*.html")):
    began = time.process_time()
    HTML(filename=str(page)).write_pdf(str(page.with_suffix(".pdf")), pdf_tags=True)
    TIMES.append(time.process_time() - began)
sys.stdout.write(json.dumps(TIMES))
