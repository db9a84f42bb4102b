"""Tables of the desk: a document's records as one workbook, and the workbook back as proposed changes.

The exported file is the format of the import. Each app describes its sheets in its own `sheets.py`.
"""

from .registry import Sheet, register, sheets

__all__ = ["Sheet", "register", "sheets"]
