"""Makes files that claim or hold far more than they should: what `melgauge tag` and `prepare` have to bound. Most of them
are sparse: they take little of the disk, but have to be read.

usage: python3 bombs.py OUTPUT_FOLDER SOUND.ogg SOUND.flac
"""
import os
import struct
import sys

target, ogg, flac = sys.argv[1:4]
os.makedirs(target, exist_ok=True)
GIB = 1 << 30


def write(name, *parts):
    """A part is bytes, or a number of zero bytes, which stay holes."""
    with open(os.path.join(target, name), "wb") as file:
        for part in parts:
            if isinstance(part, int):
                file.seek(part, 1)
                file.truncate(file.tell())
            else:
                file.write(part)


def wav(channels=2, rate=44100, bits=16, size=None, data=b"", before=()):
    block = channels * bits // 8 & 0xFFFF
    fmt = struct.pack("<HHIIHH", 1, channels, rate, rate * block & 0xFFFFFFFF, block, bits)
    head = b"RIFF" + struct.pack("<I", 0xFFFFFFFF) + b"WAVE" + b"fmt " + struct.pack("<I", 16) + fmt
    return [head, *before, b"data" + struct.pack("<I", len(data) if size is None else size), data]


noise = os.urandom(1 << 16)
write("channels-65535.wav", *wav(channels=65535, data=noise * 16))
write("channels-65535-rate-max.wav", *wav(channels=65535, rate=0xFFFFFFFF, data=noise * 16))
write("rate-1.wav", *wav(channels=1, rate=1, data=noise))
write("rate-max.wav", *wav(channels=1, rate=0x7FFFFFFF, data=noise))
write("declares-4gib.wav", *wav(size=0xFFFFFFFE, data=noise))
write("holes-60gib.wav", *wav(size=0xFFFFFFFF), 60 * GIB)
write("tag-chunk-4gib.wav", *wav(data=noise, before=(b"LIST" + struct.pack("<I", 0xFFFFFFF0), 0xFFFFFFF0)))

id3 = b"ID3\x04\x00\x00\x7f\x7f\x7f\x7f"  # 256 MiB
write("id3-sixteen-times.mp3", *([id3, (1 << 28) - 1] * 16), noise)
picture = b"APIC" + b"\x7f\x7f\x7f\x6b" + b"\x00\x00"
write("id3-picture-256mib.mp3", id3, picture, b"\x00image/png\x00\x03\x00", (1 << 28) - 40, noise)
frames = b"".join(b"TXXX\x00\x00\x00\x08\x00\x00\x03a\x00bcdef" for _ in range(1 << 16))
write("id3-million-frames.mp3", b"ID3\x04\x00\x00" + bytes((len(frames) * 14 >> s) & 0x7F for s in (21, 14, 7, 0)),
      *([frames] * 14), noise)

with open(flac, "rb") as file:
    sound = file.read()
info = sound[8:42]
most = struct.pack(">Q", (struct.unpack(">Q", info[10:18])[0] & ~((1 << 36) - 1)) | (1 << 36) - 1)
write("declares-2e36.flac", b"fLaC\x80" + struct.pack(">I", 34)[1:], info[:10] + most + info[18:], sound[42:])
block = b"\x06\xff\xff\xff"  # a picture of 16 MiB
write("pictures-4gib.flac", b"fLaC\x00\x00\x00\x22" + info, *([block, 0xFFFFFF] * 255), b"\x81\x00\x00\x00", sound[42:])
comment = b"\x84\xff\xff\xff" + b"\x00\x00\x00\x00" + b"\xff\xff\xff\xff"
write("comments-2e32.flac", b"fLaC\x00\x00\x00\x22" + info, comment, 0xFFFFF0)

with open(ogg, "rb") as file:
    pages = file.read()


def page_length(at):
    segments = pages[at + 26]
    return 27 + segments + sum(pages[at + 27:at + 27 + segments])


first = page_length(0)
endless = b"OggS\x00\x01" + b"\xff" * 8 + pages[14:18] + b"\x02\x00\x00\x00\x00\x00\x00\x00\xff" + b"\xff" * 255
with open(os.path.join(target, "packet-without-end.ogg"), "wb") as file:
    file.write(pages[:first])
    filling = endless + bytes(255 * 255)
    for _ in range(512):
        file.write(filling * 16)  # half a GiB of one packet
write("same-page-again.ogg", pages[:first], *([pages[first:first + page_length(first)]] * 20000))
write("links-without-end.ogg", *([pages[:first]] * 200000))
write("page-of-holes.ogg", pages[:first], 8 * GIB)


def atom(kind, *content):
    body = b"".join(content)
    return struct.pack(">I", 8 + len(body)) + kind + body


ftyp = atom(b"ftyp", b"M4A \x00\x00\x00\x00M4A mp42isom")
mdhd = atom(b"mdhd", struct.pack(">IIIIII", 0, 0, 0, 44100, 0xFFFFFFFF, 0))
hdlr = atom(b"hdlr", struct.pack(">II", 0, 0), b"soun", bytes(12), b"\x00")
stsd = atom(b"stsd", struct.pack(">II", 0, 1), atom(b"mp4a", bytes(6), struct.pack(">HHIHHHHI", 1, 0, 0, 2, 16, 0, 0, 44100 << 16)))
huge = struct.pack(">II", 0, 0x0FFFFFFF)
stbl = atom(b"stbl", stsd, atom(b"stts", huge), atom(b"stsc", huge), atom(b"stsz", struct.pack(">III", 0, 0, 0x3FFFFFFF)),
            atom(b"stco", huge))
write("tables-2e28.m4a", ftyp, atom(b"moov", atom(b"trak", atom(b"mdia", mdhd, hdlr, atom(b"minf", stbl)))), noise)
constant = atom(b"stbl", stsd, atom(b"stts", struct.pack(">IIII", 0, 1, 0x7FFFFFFF, 1024)),
                atom(b"stsc", struct.pack(">IIIII", 0, 1, 1, 0x7FFFFFFF, 1)),
                atom(b"stsz", struct.pack(">III", 0, 1, 0x7FFFFFFF)), atom(b"stco", struct.pack(">III", 0, 1, 48)))
write("samples-2e31-of-one-byte.m4a", ftyp, atom(b"moov", atom(b"trak", atom(b"mdia", mdhd, hdlr, atom(b"minf", constant)))), noise)
nested = b""
for _ in range(20000):
    nested = struct.pack(">I", 8 + len(nested)) + b"moov" + nested if len(nested) < 1 << 24 else nested
write("nested-20000.m4a", ftyp, nested)

# Formats through which other files could be reached, if they were allowed.
write("concat.mp3", b"ffconcat version 1.0\nfile /etc/passwd\nfile http://localhost:9/x\n")
write("playlist.m4a", b"#EXTM3U\n#EXT-X-TARGETDURATION:1\n#EXTINF:1,\nhttp://localhost:9/x.ts\n#EXT-X-ENDLIST\n")
write("playlist-file.mp3", b"#EXTM3U\n#EXT-X-TARGETDURATION:1\n#EXTINF:1,\nfile:///etc/passwd\n#EXT-X-ENDLIST\n")
write("dash.ogg", b"<?xml version='1.0'?><MPD xmlns='urn:mpeg:dash:schema:mpd:2011'><Period><AdaptationSet><Representation>"
      b"<BaseURL>http://localhost:9/</BaseURL></Representation></AdaptationSet></Period></MPD>")
write("sdp.wav", b"v=0\no=- 0 0 IN IP4 127.0.0.1\ns=x\nc=IN IP4 127.0.0.1\nt=0 0\nm=audio 9 RTP/AVP 0\n")
url = b"subfile,,start,0,end,100,,:/etc/passwd\x00"
dref = atom(b"dref", struct.pack(">II", 0, 1), atom(b"url ", struct.pack(">I", 0), b"http://localhost:9/x\x00"))
reference = atom(b"stbl", stsd, atom(b"stts", struct.pack(">IIII", 0, 1, 10, 1024)),
                 atom(b"stsc", struct.pack(">IIIII", 0, 1, 1, 10, 1)), atom(b"stsz", struct.pack(">III", 0, 100, 10)),
                 atom(b"stco", struct.pack(">III", 0, 1, 0)))
write("reference.m4a", ftyp, atom(b"moov", atom(b"trak", atom(b"mdia", mdhd, hdlr,
      atom(b"minf", atom(b"dinf", dref), reference)))), url)
print(len(os.listdir(target)), "files")
