"""Every act that can stand in the audit, with its Chinese sentence. Apps register theirs in their own verbs.py."""

SENTENCES: dict[str, str] = {}


def register(verb: str, sentence: str) -> str:
    """Register `noun.verb` with a sentence that may use {subject}; a verb has one sentence."""
    if SENTENCES.setdefault(verb, sentence) != sentence:
        raise ValueError(f"{verb} 已登记为：{SENTENCES[verb]}")
    return verb


def sentence(verb: str, subject: str) -> str:
    """What the audit page says: the sentence about the subject. An old entry outlives its verb's registration."""
    known = SENTENCES.get(verb)
    return known.format(subject=subject) if known else f"{verb} {subject}"
