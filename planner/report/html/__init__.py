"""The report: one file of HTML that needs nothing else, with its figures drawn as SVG."""
