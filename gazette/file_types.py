"""Which files are taken as attachments: a closed list of types, each known by its content and not by its name alone.

Nothing of a file is executed or interpreted: of an archive the list of its members is read, of a text its characters.
"""

import codecs
import re
import unicodedata
import zipfile
import zlib
from dataclasses import dataclass
from typing import BinaryIO

from . import filestore
from .models.attachments import MediaType
from .sheets.files import ENCRYPTED, ENCRYPTED_FILE, OLE, BadFile, has_macros, is_bomb, is_encrypted, is_malformed

LARGEST = 20 * 2**20
LARGEST_UNFOLDED = 512 * 2**20
MOST_MEMBERS = 5000
LONGEST_NAME = 240

TYPES = {
    "pdf": MediaType.PDF,
    "ofd": MediaType.OFD,
    "docx": MediaType.DOCX,
    "xlsx": MediaType.XLSX,
    "pptx": MediaType.PPTX,
    "jpg": MediaType.JPG,
    "jpeg": MediaType.JPG,
    "png": MediaType.PNG,
    "txt": MediaType.TXT,
    "csv": MediaType.CSV,
}
TAKEN = "PDF、OFD、DOCX、XLSX、PPTX、JPG、PNG、TXT、CSV"
ACCEPT = ",".join(f".{extension}" for extension in TYPES)
OFFICE = {MediaType.DOCX, MediaType.XLSX, MediaType.PPTX}
# Old and programmed formats of Office → what to save them as.
OLD = {"doc": "docx", "dot": "docx", "wps": "docx", "xls": "xlsx", "et": "xlsx", "ppt": "pptx", "dps": "pptx"}
PROGRAMMED = {"docm": "docx", "dotm": "docx", "xlsm": "xlsx", "xltm": "xlsx", "xlsb": "xlsx", "xlam": "xlsx"}
PROGRAMMED |= {"pptm": "pptx", "potm": "pptx", "ppsm": "pptx"}

PROGRAMS = {
    "exe",
    "dll",
    "com",
    "scr",
    "msi",
    "bat",
    "cmd",
    "ps1",
    "vbs",
    "vbe",
    "js",
    "jse",
    "wsf",
    "hta",
    "lnk",
    "jar",
}

SIGNATURES = {
    MediaType.PDF: b"%PDF-",
    MediaType.JPG: b"\xff\xd8\xff",
    MediaType.PNG: b"\x89PNG\r\n\x1a\n",
}
ARCHIVE = b"PK\x03\x04"
# The member by which an archive is known; Office numbers it where it saved in a hurry.
MEMBERS = {
    MediaType.OFD: re.compile(r"ofd\.xml"),
    MediaType.DOCX: re.compile(r"word/document\d*\.xml"),
    MediaType.XLSX: re.compile(r"xl/workbook\d*\.xml"),
    MediaType.PPTX: re.compile(r"ppt/presentation\d*\.xml"),
}
CONTENT_TYPES = "[content_types].xml"
MACRO_ENABLED = re.compile(rb"m\0?a\0?c\0?r\0?o\0?e\0?n\0?a\0?b\0?l\0?e\0?d", re.IGNORECASE)
CONTROL = re.compile(r"[\x00-\x08\x0b\x0e-\x1f\x7f]")

UNKNOWN = f"“{{}}”不是可收的类型；附件只收 {TAKEN}，请转换为其中一种再上传。"
EMPTY = "“{}”是空文件；请核对后改传有内容的文件。"
TOO_LARGE = f"“{{}}”有 {{:.1f}} MB，超过 {LARGEST // 2**20} MB；请压缩其中的图片，或拆成几个文件再上传。"
SAVED_OLD = "“{}”是旧格式；请用 Office 或 WPS 另存为“.{}”再上传。"
MACROS = "“{}”带有宏或控件；请另存为不带宏和控件的“.{}”再上传。"
PROGRAM = "“{}”里夹带了程序“{}”；请用制作它的软件删去后重新保存，再上传。"
MISMATCH = "“{}”的内容不是 {}；请核对文件，或改成与内容相符的扩展名再上传。"
DAMAGED = "“{}”已损坏，读不出来；请用制作它的软件打开并重新保存，再上传。"
BOMB = "“{}”展开后过大，不像正常的文件；请用制作它的软件重新保存，或拆成几个文件再上传。"
NOT_TEXT = "“{}”不是纯文本，或者不是 UTF-8、GB18030 编码；请用记事本另存为 UTF-8 再上传。"


@dataclass(frozen=True)
class Found:
    """What an upload is: the fields of an attachment that say so."""

    file_name: str
    media_type: str
    size: int
    sha256: str


def inspect(file: BinaryIO, name: str, size: int) -> Found:
    """What an upload is; `BadFile` says why one is not taken. It is read from its beginning and left there."""
    name = clean_name(name)
    extension = name.rpartition(".")[2].lower() if "." in name else ""
    if extension in PROGRAMMED:
        raise BadFile(MACROS.format(name, PROGRAMMED[extension]))
    if extension in OLD:
        raise BadFile(SAVED_OLD.format(name, OLD[extension]))
    if extension not in TYPES:
        raise BadFile(UNKNOWN.format(name))
    if not size:
        raise BadFile(EMPTY.format(name))
    if size > LARGEST:
        raise BadFile(TOO_LARGE.format(name, size / 2**20))
    file.seek(0)
    _check_content(file, name, extension)
    return Found(name, TYPES[extension], size, filestore.digest_of(file))


def clean_name(name: str) -> str:
    """A file's own name without its folders, signs that are not seen, or more letters than are kept."""
    name = re.split(r"[/\\]", unicodedata.normalize("NFC", name))[-1]
    name = "".join(sign for sign in name if unicodedata.category(sign) not in ("Cc", "Cf")).strip()
    stem, dot, extension = name.rpartition(".")
    return f"{stem[: LONGEST_NAME - len(dot + extension)]}{dot}{extension}" if len(name) > LONGEST_NAME else name


def _check_content(file: BinaryIO, name: str, extension: str) -> None:
    media_type = TYPES[extension]
    head = file.read(8)
    if media_type in (MediaType.TXT, MediaType.CSV):
        _check_text(file, name)
    elif media_type in SIGNATURES:
        if not head.startswith(SIGNATURES[media_type]):
            raise BadFile(MISMATCH.format(name, extension.upper()))
    elif head == OLE and media_type in OFFICE:
        file.seek(0)
        encrypted = ENCRYPTED in file.read()
        raise BadFile(ENCRYPTED_FILE.format(name) if encrypted else SAVED_OLD.format(name, extension))
    elif not head.startswith(ARCHIVE):
        raise BadFile(MISMATCH.format(name, extension.upper()))
    else:
        try:
            with zipfile.ZipFile(file) as archive:
                _check_members(archive, name, extension)
        except (zipfile.BadZipFile, NotImplementedError, EOFError, OSError, UnicodeError, ValueError, zlib.error):
            raise BadFile(DAMAGED.format(name)) from None


def _check_members(archive: zipfile.ZipFile, name: str, extension: str) -> None:
    media_type, found = TYPES[extension], archive.infolist()
    names = [member.filename.lower() for member in found]
    if is_encrypted(found):
        raise BadFile(ENCRYPTED_FILE.format(name))
    if is_bomb(found, LARGEST_UNFOLDED, MOST_MEMBERS):
        raise BadFile(BOMB.format(name))
    if is_malformed(names):
        raise BadFile(DAMAGED.format(name))
    if not any(MEMBERS[media_type].fullmatch(member) for member in names):
        raise BadFile(MISMATCH.format(name, extension.upper()))
    if program := next((member for member in names if member.rpartition(".")[2] in PROGRAMS), ""):
        raise BadFile(PROGRAM.format(name, program.rpartition("/")[2]))
    if media_type not in OFFICE:
        return
    if CONTENT_TYPES not in names:
        raise BadFile(MISMATCH.format(name, extension.upper()))
    inside = any(member.rpartition(".")[2] in PROGRAMMED or "/activex/" in member for member in names)
    with archive.open(found[names.index(CONTENT_TYPES)]) as types:
        said = types.read(filestore.CHUNK)
    if inside or has_macros(names) or MACRO_ENABLED.search(said):
        raise BadFile(MACROS.format(name, extension))


def _check_text(file: BinaryIO, name: str) -> None:
    """Refuse what is no text in one of the encodings that people here use."""
    for encoding in ("utf-8-sig", "gb18030"):
        file.seek(0)
        decoder = codecs.getincrementaldecoder(encoding)()
        try:
            while chunk := file.read(filestore.CHUNK):
                if CONTROL.search(decoder.decode(chunk)):
                    raise BadFile(NOT_TEXT.format(name))
            decoder.decode(b"", final=True)
        except UnicodeDecodeError:
            continue
        file.seek(0)
        if file.read(len(b"%PDF-")) == SIGNATURES[MediaType.PDF]:
            break
        return
    raise BadFile(NOT_TEXT.format(name))
