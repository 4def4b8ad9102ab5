# Configuration of the documentation build: sphinx-build -W --keep-going -n docs docs/_build/html
project = "swtdx"
copyright = "2026, the swtdx authors"
author = "the swtdx authors"
release = "0.1.0"
extensions = []
exclude_patterns = ["_build"]
html_theme = "alabaster"
html_theme_options = {"description": "a TDX machine in software", "page_width": "1100px"}
