"""strongSwan's words for algorithms, in the words of the neutral model."""

from __future__ import annotations

import re

_GROUPS = {
    "modp768": "1", "modp1024": "2", "modp1536": "5", "modp2048": "14", "modp3072": "15", "modp4096": "16",
    "modp6144": "17", "modp8192": "18", "ecp256": "19", "ecp384": "20", "ecp521": "21", "modp1024s160": "22",
    "modp2048s224": "23", "modp2048s256": "24", "ecp192": "25", "ecp224": "26", "curve25519": "31", "x25519": "31",
    "curve448": "32", "x448": "32",
}  # fmt: skip
_COMBINED = re.compile(r"aes(?P<bits>128|192|256)(?P<mode>gcm|ccm)(?:8|12|16|64|96|128)?")
_PLAIN = re.compile(r"aes(?P<bits>128|192|256)?(?P<mode>ctr)?")
_HASH = re.compile(r"(?P<prf>prf)?(?P<hash>md5|sha1|sha(?:2_)?(?:256|384|512)?|aesxcbc|aescmac)(?:_96|_128)?")


class Words:
    """One proposal of strongSwan, as ``aes256gcm16-prfsha384-ecp384``, taken apart."""

    def __init__(self, proposal: str) -> None:
        self.encryption: list[str] = []
        self.integrity: list[str] = []
        self.prf: list[str] = []
        self.groups: list[str] = []
        self.esp: list[str] = []
        for word in proposal.strip().lower().split("-"):
            self._take(word)

    def _take(self, word: str) -> None:
        if word in _GROUPS:
            self.groups.append(_GROUPS[word])
        elif (found := _COMBINED.fullmatch(word)) is not None:
            self.encryption.append(f"aes-{found['mode']}-{found['bits']}")
            self.esp.append(f"esp-{found['mode']} {found['bits']}")
        elif (found := _PLAIN.fullmatch(word)) is not None:
            bits = found["bits"] or "128"
            self.encryption.append(f"aes-{found['mode'] or 'cbc'}-{bits}")
            self.esp.append(f"esp-aes {bits}" if not found["mode"] else f"esp-aes-{found['mode']} {bits}")
        elif (found := _HASH.fullmatch(word)) is not None:
            name = found["hash"].replace("2_", "")
            name = "sha1" if name == "sha" else name
            (self.prf if found["prf"] else self.integrity).append(name)
            if not found["prf"]:
                self.esp.append({"sha1": "esp-sha-hmac"}.get(name, f"esp-{name}-hmac"))
        elif word not in ("esn", "noesn", ""):
            self.encryption.append(word)
            self.esp.append(f"esp-{word}")
