"""seen.py: the part of a preprocessed source that the proof of one function sees, as text.

That is the function with its contract, and of everything that it names, again and again: types, variables, predicates, and
of other functions the contract. Not: other functions' bodies, what it has no name for, comments. Axioms and lemmas, and
whatever is not understood here, always belong to it: then an answer is asked for once too often, never too rarely.
"""
# SPDX-License-Identifier: MIT OR Apache-2.0

import re
from dataclasses import dataclass
from typing import FrozenSet, Iterator, List, Optional

TOKEN = re.compile(r'/\*.*?\*/|//[^\n]*|"(?:\\.|[^"\\\n])*"|\'(?:\\.|[^\'\\\n])*\'|[{};]', re.DOTALL)
WORD = re.compile(r"[A-Za-z_]\w*")
ATTRIBUTE = re.compile(r"(?:__attribute__|__asm__|__declspec)\s*\(\(?(?:[^()]|\([^()]*\))*\)?\)")
GLOBAL = re.compile(r"/[*/]@\s*(?:predicate|logic|lemma|axiom|axiomatic|inductive|type|global|ghost)\b")
ALWAYS = re.compile(r"\b(?:lemma|axiom|axiomatic|inductive|type|global|ghost)\b")
DEFINED = re.compile(r"\b(?:predicate\s+(\w+)|logic\s+[\w\s*]+?\b(\w+)\s*[({=])")
TYPE = re.compile(r"^(?:static |extern |const |volatile )*(struct|union|enum)\s+(\w+)?\s*(?:\{|;)", re.DOTALL)


@dataclass(frozen=True)
class Chunk:
    """One declaration or definition with its contract; `names` None: not understood."""

    text: str  # without the body of a function
    body: str
    names: Optional[FrozenSet[str]]


def names_of(code: str, body: str) -> Optional[FrozenSet[str]]:
    """What a chunk of code without comments declares."""
    code = ATTRIBUTE.sub(" ", code).strip()
    if body:  # a function
        match = re.search(r"(\w+)\s*\(", code)
        return frozenset((match[1],)) if match else None
    if match := TYPE.match(code):
        inside = code[code.find("{") + 1 : code.rfind("}")] if "{" in code else ""
        if code.rstrip("; ").endswith("}") or not inside:
            return frozenset(WORD.findall(inside) if match[1] == "enum" else ()) | ({match[2]} if match[2] else set())
        return None  # a type and a variable at once
    if code.startswith("typedef"):
        return frozenset(WORD.findall(re.sub(r"\{.*\}", " ", code, flags=re.DOTALL)))
    head = code.partition("=")[0].rstrip("; \n")
    if match := re.search(r"(\w+)\s*\(", head):  # a prototype; a pointer to a function is not understood
        return frozenset((match[1],)) if not re.search(r"\(\s*\*", head) else None
    match = re.search(r"(\w+)\s*(?:\[[^\]]*\]\s*)*$", head)
    return frozenset((match[1],)) if match and "," not in head else None


def chunks(text: str) -> Iterator[Chunk]:
    """Take a preprocessed source apart at its outermost level."""
    contract: List[str] = []
    code: List[str] = []
    at, depth, body_from = 0, 0, 0
    is_body = False

    def end() -> Chunk:
        whole = "".join(code)
        head, body = (whole[:body_from], whole[body_from:]) if is_body else (whole, "")
        bare = TOKEN.sub(lambda one: " " if one[0][0] == "/" else one[0], head)
        return Chunk(" ".join([*contract, head]), body, names_of(bare, body))

    for match in TOKEN.finditer(text):
        token = match.group()
        code.append(text[at : match.start()])
        at = match.end()
        if token[0] == "/":
            if token[:3] not in ("/*@", "//@"):
                continue
            if depth == 0 and GLOBAL.match(token):
                names = None if ALWAYS.search(token) else frozenset(name for pair in DEFINED.findall(token) for name in pair if name)
                yield Chunk(token, "", names or None)
            elif depth == 0:
                contract.append(token)
            else:
                code.append(token)
            continue
        if token == "{" and depth == 0:
            head = ATTRIBUTE.sub(" ", "".join(code)).strip()
            is_body, body_from = head.endswith(")") and "=" not in head, len("".join(code))
        code.append(token)
        depth += (token == "{") - (token == "}")
        if depth == 0 and (token == ";" or (token == "}" and is_body)):
            if contract or "".join(code).strip() != ";":  # what is left of a static assertion is nothing
                yield end()
            contract, code, is_body = [], [], False
    if "".join(code).strip() or text[at:].strip():
        yield Chunk("".join([*code, text[at:]]), "", None)


def seen(text: str, function: str) -> str:
    """What the proof of `function` sees of the source."""
    rest = list(chunks(text))
    needed = {function}
    taken = {}
    grown = True
    while grown:
        grown = False
        for number, chunk in enumerate(rest):
            if number in taken or (chunk.names is not None and not chunk.names & needed):
                continue
            taken[number] = chunk.text + (chunk.body if chunk.names and function in chunk.names else "")
            needed.update(WORD.findall(taken[number]))
            grown = True
    return re.sub(r"\s+", " ", "\n".join(taken[number] for number in sorted(taken)))


EXAMPLE = """
typedef unsigned int word;
struct box { word len; struct lid *lid; };
struct lid { int hinge; };
struct other { int a; };
enum { MOST = 3, LEAST };
static const word table[2] = { 1, 2 };
word unrelated(struct other *o);
/*@ predicate fine(integer n) = n < four(n);
    logic integer four(integer n) = 4; */
/*@ predicate nobody(integer n) = n < 6; */
/*@ axiomatic Facts { axiom small: \\forall integer n; n < n + 9; } */
/*@ assigns \\nothing;
    ensures fine(\\result); */
static inline word __attribute__((noinline)) helper(word a) { return a; }
/*@ requires \\valid(b);
    ensures \\result <= MOST; */
word proved(struct box *b) { /* says nothing */ return helper(b->len) + table[0]; }
word another(void) { if (1) { return 7; } return 8; }
"""


def check_itself() -> List[str]:
    """What must change the text does, what must not does not."""
    matters = [("word len", "word size"), ("MOST = 3", "MOST = 4"), ("n < four", "n <= four"), ("= 4", "= 5"), ("n + 9", "n + 8"), ("ensures fine", "ensures !fine"),
               ("\\valid(b)", "\\true"), ("table[0]", "table[1]"), ("{ 1, 2 }", "{ 1, 3 }"), ("int hinge", "long hinge"),
               ("unsigned int word", "unsigned short word"), ("helper(word a)", "helper(long a)")]
    does_not = [("return a;", "return a + 1;"), ("n < 6", "n < 7"), ("return 7", "return 9"), ("int a; }", "long a; }"), ("says nothing", "says"),
                ("word unrelated", "int unrelated"), ("word another(void)", "int another(void)"), ("    ensures", "  ensures")]
    before = seen(EXAMPLE, "proved")
    wrong = [f"a proof sees `{was}`, and its key does not" for was, now in matters if seen(EXAMPLE.replace(was, now), "proved") == before]
    return wrong + [f"a proof does not see `{was}`, and its key does" for was, now in does_not
                    if seen(EXAMPLE.replace(was, now), "proved") != before]
