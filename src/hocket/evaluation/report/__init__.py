"""The bench's report: one page and one Markdown file of a result.

Law: it prints what the result holds and measures nothing. Blocks are made once (``document``) and
written twice (``page``, ``markdown``).
"""

from hocket.evaluation.report.write import write_report

__all__ = ["write_report"]
