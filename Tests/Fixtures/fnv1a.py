"""The digest of files of noise; Tests/GPU/card.py, which travels to other machines, takes it along."""


def fnv1a(data):
    """64-bit FNV-1a."""
    digest = 0xCBF29CE484222325
    for byte in data:
        digest = ((digest ^ byte) * 0x100000001B3) & 0xFFFFFFFFFFFFFFFF
    return f"{digest:016x}"
