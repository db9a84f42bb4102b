"""Which files are taken as attachments, each refusal with its sentence, and how they are kept."""

import hashlib
import io
import zipfile

import pytest

from gazette import file_types, filestore
from gazette.file_types import Found
from gazette.sheets.files import ENCRYPTED, OLE, BadFile

PDF = b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n"
PNG = b"\x89PNG\r\n\x1a\n" + b"\0" * 16
JPG = b"\xff\xd8\xff\xe0" + b"\0" * 16
TYPES_XML = b"<Types/>"


def archive(*members, encrypted=False):
    """A zip file of members; a member is a name or (name, content)."""
    output = io.BytesIO()
    with zipfile.ZipFile(output, "w", zipfile.ZIP_DEFLATED) as new:
        for member in members:
            name, content = member if isinstance(member, tuple) else (member, b"<x/>")
            new.writestr(name, content)
    data = bytearray(output.getvalue())
    if encrypted:
        data[data.index(b"PK\x01\x02") + 8] |= 1
    return bytes(data)


def office(part, *members, types=TYPES_XML):
    return archive(("[Content_Types].xml", types), part, *members)


DOCX = office("word/document.xml", "word/embeddings/oleObject1.bin")
XLSX = office("xl/workbook.xml")
PPTX = office("ppt/presentation.xml", "ppt/slides/slide1.xml")
OFD = archive("OFD.xml", "Doc_0/Document.xml")


def inspected(content, name):
    return file_types.inspect(io.BytesIO(content), name, len(content))


@pytest.mark.parametrize(
    ("name", "content", "media_type"),
    [
        ("示例.pdf", PDF, "application/pdf"),
        ("示例.PDF", PDF, "application/pdf"),
        ("示例.ofd", OFD, "application/ofd"),
        ("示例.docx", DOCX, "application/vnd.openxmlformats-officedocument.wordprocessingml.document"),
        ("示例.xlsx", XLSX, "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
        ("示例.pptx", PPTX, "application/vnd.openxmlformats-officedocument.presentationml.presentation"),
        ("示例.jpg", JPG, "image/jpeg"),
        ("示例.jpeg", JPG, "image/jpeg"),
        ("示例.png", PNG, "image/png"),
        ("示例.txt", "示例\r\n".encode(), "text/plain"),
        ("示例.txt", "\ufeff示例".encode(), "text/plain"),
        ("示例.csv", "名称,数量\n示例,1\n".encode("gb18030"), "text/csv"),
    ],
)
def test_what_is_taken_is_known_by_its_content(name, content, media_type):
    sha256 = hashlib.sha256(content).hexdigest()
    assert inspected(content, name) == Found(name, media_type, len(content), sha256)


TAKEN = "PDF、OFD、DOCX、XLSX、PPTX、JPG、PNG、TXT、CSV"
ONLY = f"不是可收的类型；附件只收 {TAKEN}，请转换为其中一种再上传。"
RENAME = "请核对文件，或改成与内容相符的扩展名再上传。"
REPAIR = "已损坏，读不出来；请用制作它的软件打开并重新保存，再上传。"
NO_TEXT = "不是纯文本，或者不是 UTF-8、GB18030 编码；请用记事本另存为 UTF-8 再上传。"


def no_macros(extension):
    return f"带有宏或控件；请另存为不带宏和控件的“.{extension}”再上传。"


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("示例.zip", OFD, ONLY),
        ("示例.exe", b"MZ", ONLY),
        ("示例.html", b"<p>", ONLY),
        ("示例", PDF, ONLY),
        ("示例.svg", b"<svg/>", ONLY),
        ("示例.pdf", b"", "是空文件；请核对后改传有内容的文件。"),
        ("示例.doc", OLE, "是旧格式；请用 Office 或 WPS 另存为“.docx”再上传。"),
        ("示例.wps", OLE, "是旧格式；请用 Office 或 WPS 另存为“.docx”再上传。"),
        ("示例.docx", OLE, "是旧格式；请用 Office 或 WPS 另存为“.docx”再上传。"),
        ("示例.docx", OLE + ENCRYPTED, "加了密码；请去掉打开密码后再上传。"),
        ("示例.ofd", OLE, f"的内容不是 OFD；{RENAME}"),
        ("示例.pdf", PNG, f"的内容不是 PDF；{RENAME}"),
        ("示例.pdf", b"MZ %PDF-1.7", f"的内容不是 PDF；{RENAME}"),
        ("示例.png", JPG, f"的内容不是 PNG；{RENAME}"),
        ("示例.jpeg", PDF, f"的内容不是 JPEG；{RENAME}"),
        ("示例.docx", PDF, f"的内容不是 DOCX；{RENAME}"),
        ("示例.docx", XLSX, f"的内容不是 DOCX；{RENAME}"),
        ("示例.xlsx", archive("xl/workbook.xml"), f"的内容不是 XLSX；{RENAME}"),
        ("示例.ofd", DOCX, f"的内容不是 OFD；{RENAME}"),
        ("示例.docx", b"PK\x03\x04", REPAIR),
        ("示例.docx", DOCX[:-30], REPAIR),
        ("示例.docx", office("word/document.xml", "../x"), REPAIR),
        ("示例.ofd", archive("OFD.xml", "ofd.xml"), REPAIR),
        ("示例.docx", archive("word/document.xml", encrypted=True), "加了密码；请去掉打开密码后再上传。"),
        ("示例.docm", DOCX, no_macros("docx")),
        ("示例.xlsb", XLSX, no_macros("xlsx")),
        ("示例.docx", office("word/document.xml", "word/vbaProject.bin"), no_macros("docx")),
        ("示例.xlsx", office("xl/workbook.xml", "xl/macrosheets/sheet1.xml"), no_macros("xlsx")),
        ("示例.pptx", office("ppt/presentation.xml", "ppt/activeX/activeX1.xml"), no_macros("pptx")),
        ("示例.pptx", office("ppt/presentation.xml", "ppt/embeddings/book.xlsm"), no_macros("pptx")),
        ("示例.docx", office("word/document.xml", types=b"x.macroEnabled.main+xml"), no_macros("docx")),
        ("示例.docx", office("word/document.xml", types="x.macroEnabled".encode("utf-16")), no_macros("docx")),
        (
            "示例.ofd",
            archive("OFD.xml", "Doc_0/setup.exe"),
            "里夹带了程序“setup.exe”；请用制作它的软件删去后重新保存，再上传。",
        ),
        (
            "示例.docx",
            office("word/document.xml", ("word/a.xml", b" " * 2**22)),
            "展开后过大，不像正常的文件；请用制作它的软件重新保存，或拆成几个文件再上传。",
        ),
        ("示例.txt", b"a\0b", NO_TEXT),
        ("示例.txt", "示例".encode("utf-16"), NO_TEXT),
        ("示例.txt", b"\xff\xff", NO_TEXT),
        ("示例.csv", PDF, NO_TEXT),
        ("示例.csv", b"%PDF-1.7\n1", NO_TEXT),
        ("示例.txt", DOCX, NO_TEXT),
        ("示例.txt", "示例".encode("gb18030")[:-1], NO_TEXT),
    ],
)  # fmt: skip
def test_what_is_not_taken_is_refused_with_its_name_and_a_remedy(name, content, said):
    with pytest.raises(BadFile) as refused:
        inspected(content, name)
    assert str(refused.value) == f"“{name}”{said}"


def test_a_file_that_is_too_large_is_refused_by_its_size():
    content = io.BytesIO(PDF)
    assert file_types.inspect(content, "示例.pdf", 20 * 2**20).size == 20 * 2**20
    with pytest.raises(BadFile) as refused:
        file_types.inspect(content, "示例.pdf", 20 * 2**20 + 2**19)
    assert str(refused.value) == "“示例.pdf”有 20.5 MB，超过 20 MB；请压缩其中的图片，或拆成几个文件再上传。"


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("附件1：示例表.pdf", "附件1：示例表.pdf"),
        ("C:\\桌面\\示例.pdf", "示例.pdf"),
        ("../../示例.pdf", "示例.pdf"),
        # A sign that turns the direction would show exe.pdf as fdp.exe.
        ("示\u202e例\r\n.pdf", "示例.pdf"),
        ("示" * 300 + ".pdf", "示" * 236 + ".pdf"),
    ],
)
def test_a_name_is_kept_without_folders_and_signs_that_are_not_seen(given, kept):
    assert file_types.clean_name(given) == kept


# How files are kept


@pytest.fixture
def directory(settings, tmp_path):
    settings.DATA_DIR = tmp_path
    return tmp_path / "attachments"


def test_a_file_is_kept_under_its_hash_privately_and_written_once(directory):
    sha256 = filestore.keep(io.BytesIO(PDF))
    path = directory / sha256[:2] / sha256
    assert sha256 == hashlib.sha256(PDF).hexdigest()
    assert [found for found in directory.rglob("*") if found.is_file()] == [path]
    assert path.read_bytes() == PDF
    assert [oct(each.stat().st_mode & 0o777) for each in (directory, path.parent, path)] == ["0o700", "0o700", "0o600"]
    before = path.stat()
    assert filestore.keep(io.BytesIO(PDF)) == sha256
    assert (path.stat().st_ino, path.stat().st_mtime_ns) == (before.st_ino, before.st_mtime_ns)


def test_what_is_lost_or_changed_is_said(directory):
    sha256 = filestore.keep(io.BytesIO(PDF))
    assert (filestore.fault(sha256), filestore.exists(sha256)) == ("", True)
    filestore.path_of(sha256).write_bytes(PDF + b"x")
    assert filestore.fault(sha256) == "与登记的 SHA-256 不符"
    filestore.path_of(sha256).unlink()
    assert (filestore.fault(sha256), filestore.exists(sha256)) == ("不在数据目录的 attachments 之下", False)
