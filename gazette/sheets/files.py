"""Which uploaded files are refused before anything in them is read, each with its own sentence."""

import re
import zipfile
import zlib

LARGEST_FILE = 10 * 2**20
LARGEST_CONTENT = 64 * 2**20
HIGHEST_RATIO = 200
MOST_PARTS = 500
CHUNK = 2**16
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
# The name of the stream in which Office keeps an encrypted workbook.
ENCRYPTED = "EncryptedPackage".encode("utf-16-le")
DECLARATION = re.compile(rb"<!\s*(DOCTYPE|ENTITY)", re.IGNORECASE)
MERGED = re.compile(rb"<(?:\w+:)?mergeCell\s[^>]*?ref=[\"']([A-Z0-9:]+)")
LONGEST_TAG = 256
NOT_XLSX = "“{}”不是 XLSX 表格；请上传从本站导出、在 Excel 或 WPS 中另存为“.xlsx”的文件。"
OLD = "“{}”是旧格式的 .xls 表格；请在 Excel 或 WPS 中另存为“.xlsx”后再上传。"
MACROS = "“{}”带有宏；请另存为不带宏的“.xlsx”后再上传。"
ENCRYPTED_FILE = "“{}”加了密码；请去掉打开密码后再上传。"
BOMB = "“{}”展开后过大，不像正常的表格；请只留需要导入的各表，或分几次导入。"
ENTITIES = "“{}”里有外来的声明（DOCTYPE 或 ENTITY），不能读取；请用 Excel 或 WPS 重新另存为“.xlsx”。"
LINKED = "“{}”引用了别的文件或外部数据；请在 Excel 中断开链接（数据→编辑链接）后再上传。"
EMBEDDED = "“{}”里嵌有别的文件或控件；请删去它们后再上传。"
CHART = "“{}”里有图表页，不能导入；请删去它后再上传。"
MERGED_CELLS = "“{}”里有合并的单元格（{}）；一行是一条记录，请取消合并、逐行填写后再上传。"
DAMAGED = "“{}”已损坏，读不出来；请用 Excel 或 WPS 打开并重新保存后再上传。"


class BadFile(Exception):
    """A file that is not read, or cannot be imported at all; the message is for the user."""


def check(file, name: str, size: int) -> None:
    """Refuse what is no plain XLSX file; `file` is read from its beginning and left there."""
    if size > LARGEST_FILE:
        raise BadFile(f"“{name}”有 {size / 2**20:.1f} MB，超过 {LARGEST_FILE // 2**20} MB；请分几次导入。")
    file.seek(0)
    head = file.read(8)
    file.seek(0)
    lower = name.lower()
    if head == OLE:
        content = file.read()
        file.seek(0)
        raise BadFile((ENCRYPTED_FILE if ENCRYPTED in content else OLD).format(name))
    if lower.endswith((".xlsm", ".xltm", ".xlsb", ".xlam")):
        raise BadFile(MACROS.format(name))
    if lower.endswith(".xls"):
        raise BadFile(OLD.format(name))
    if not lower.endswith(".xlsx") or not head.startswith(b"PK\x03\x04"):
        raise BadFile(NOT_XLSX.format(name))
    try:
        with zipfile.ZipFile(file) as parts:
            _check_parts(parts, name)
    except (zipfile.BadZipFile, NotImplementedError, EOFError, OSError, UnicodeError, ValueError, zlib.error):
        raise BadFile(DAMAGED.format(name)) from None
    finally:
        file.seek(0)


def is_encrypted(found: list[zipfile.ZipInfo]) -> bool:
    """Whether a part of an archive needs a password."""
    return any(part.flag_bits & 1 for part in found)


def is_bomb(found: list[zipfile.ZipInfo], largest: int, most: int) -> bool:
    """Whether an archive unfolds to more than it should, in all or in one part."""
    return (
        len(found) > most
        or sum(part.file_size for part in found) > largest
        or any(part.file_size > 2**20 and part.file_size > HIGHEST_RATIO * max(1, part.compress_size) for part in found)
    )


def is_malformed(names: list[str]) -> bool:
    """Whether parts of an archive have the same name, or one that leads out of it."""
    return len(names) != len(set(names)) or any(part.startswith("/") or ".." in part.split("/") for part in names)


def has_macros(names: list[str]) -> bool:
    """Whether one of the parts is a program of Office."""
    return any(part.endswith("vbaproject.bin") or "/macrosheets/" in part for part in names)


def _check_parts(parts: zipfile.ZipFile, name: str) -> None:
    found = parts.infolist()
    names = [part.filename.lower() for part in found]
    if is_encrypted(found):
        raise BadFile(ENCRYPTED_FILE.format(name))
    if is_bomb(found, LARGEST_CONTENT, MOST_PARTS):
        raise BadFile(BOMB.format(name))
    if "[content_types].xml" not in names or "xl/workbook.xml" not in names:
        raise BadFile(NOT_XLSX.format(name))
    if is_malformed(names):
        raise BadFile(DAMAGED.format(name))
    if has_macros(names):
        raise BadFile(MACROS.format(name))
    if any(part.startswith(("xl/externallinks/", "xl/connections", "xl/querytables/")) for part in names):
        raise BadFile(LINKED.format(name))
    if any(part.startswith(("xl/embeddings/", "xl/activex/", "xl/ctrlprops/")) for part in names):
        raise BadFile(EMBEDDED.format(name))
    if any(part.startswith("xl/chartsheets/") for part in names):
        raise BadFile(CHART.format(name))
    for part in found:
        if part.filename.lower().endswith((".xml", ".rels", ".vml")):
            _check_xml(parts, part, name)


def _check_xml(parts: zipfile.ZipFile, part: zipfile.ZipInfo, name: str) -> None:
    """Refuse declarations, which make entities; the whole part is read, so its checksum is asked too."""
    with parts.open(part) as content:
        tail = b""
        while chunk := content.read(CHUNK):
            # Words in UTF-16 or UTF-32 would hide a declaration; Office writes UTF-8.
            if not tail and b"\0" in chunk[:64]:
                raise BadFile(ENTITIES.format(name))
            window = tail + chunk
            if DECLARATION.search(window):
                raise BadFile(ENTITIES.format(name))
            if part.filename.lower() == "[content_types].xml" and b"macroEnabled" in window:
                raise BadFile(MACROS.format(name))
            # All cells of a merged range but the first are empty, which would be taken for words.
            if part.filename.lower().startswith("xl/worksheets/") and (merged := MERGED.search(window)):
                raise BadFile(MERGED_CELLS.format(name, merged[1].decode()))
            tail = window[-LONGEST_TAG:]
