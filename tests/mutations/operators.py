"""Every small break of a Python source that fits into one line: where it is and what stands there instead.

Annotations, docstrings, imports and the texts of messages are left alone.
"""

import ast
import itertools
import re
from itertools import pairwise
from typing import NamedTuple

COMPARISONS = {
    "<": "<=", "<=": "<", ">": ">=", ">=": ">", "==": "!=", "!=": "==",
    "in": "not in", "not in": "in", "is": "is not", "is not": "is",
}  # fmt: skip
FLIPPED = {"<": ">", "<=": ">=", ">": "<", ">=": "<="}
ARITHMETIC = {
    "+": "-", "-": "+", "*": "/", "/": "*", "//": "*", "%": "*", "**": "*", "|": "&", "&": "|", "<<": ">>", ">>": "<<",
}  # fmt: skip
NAMES = {
    "min": "max", "max": "min", "any": "all", "all": "any", "asc": "desc", "desc": "asc", "and_": "or_", "or_": "and_",
    "floor": "ceil", "ceil": "floor", "append": "remove", "startswith": "endswith", "endswith": "startswith",
    "is_": "is_not", "is_not": "is_", "in_": "not_in", "not_in": "in_", "rstrip": "lstrip", "lstrip": "rstrip",
    "cummax": "cummin", "cumsum": "cumprod", "sorted": "list", "abs": "float", "ceil_div": "floor_div",
}  # fmt: skip
SQL = {
    "<=": "<", ">=": ">", "<": "<=", ">": ">=", "AND": "OR", "OR": "AND", "DESC": "ASC", "ASC": "DESC",
    "LEAST": "GREATEST", "GREATEST": "LEAST", "min": "max", "max": "min", "NOT ": "", "IS NOT NULL": "IS NULL",
    "+": "-", "LEFT JOIN": "JOIN", "DISTINCT": "",
}  # fmt: skip
_SQL_TOKEN = re.compile(
    r"(?<![\w<>=])"
    r"(IS NOT NULL|LEFT JOIN|NOT |<=|>=|<|>|\+|(?:AND|OR|DESC|ASC|LEAST|GREATEST|min|max|DISTINCT)\b)(?![<>=])"
)
_IS_SQL = re.compile(r"\b(SELECT|UPDATE|INSERT|DELETE|WHERE|WITH)\b")


class Edit(NamedTuple):
    """Columns of a line (from 0, in characters) and what replaces them."""

    line: int
    start: int
    end: int
    text: str


class _Finder(ast.NodeVisitor):
    def __init__(self, source: str) -> None:
        self._lines = source.splitlines()
        self.edits: list[Edit] = []
        self._skipped: set[int] = set()

    def _column(self, line: int, offset: int) -> int:
        """Characters instead of ast's UTF-8 bytes."""
        return len(self._lines[line - 1].encode()[:offset].decode())

    def _span(self, node: ast.expr | ast.stmt) -> tuple[int, int] | None:
        """First and last column of a node in one line."""
        if node.end_lineno != node.lineno or node.end_col_offset is None:
            return None
        return self._column(node.lineno, node.col_offset), self._column(node.lineno, node.end_col_offset)

    def _replace(self, node: ast.expr | ast.stmt, text: str) -> None:
        span = self._span(node)
        if span is not None:
            self.edits.append(Edit(node.lineno, *span, text))

    def _text(self, node: ast.expr | ast.stmt) -> str | None:
        span = self._span(node)
        return None if span is None else self._lines[node.lineno - 1][span[0] : span[1]]

    def _between(self, left: ast.expr, right: ast.expr, tokens: dict[str, str]) -> None:
        """Replace an operator between two operands that are beside it in a line."""
        if left.end_lineno is None or left.end_col_offset is None:
            return
        for line in range(left.end_lineno, right.lineno + 1):
            text = self._lines[line - 1]
            start = self._column(line, left.end_col_offset) if line == left.end_lineno else 0
            end = self._column(line, right.col_offset) if line == right.lineno else len(text)
            for token, other in sorted(tokens.items(), key=lambda pair: -len(pair[0])):
                pattern = rf"\b{token}\b" if token[0].isalpha() else re.escape(token)
                found = re.search(pattern, text[start:end].partition("#")[0])
                if found:
                    self.edits.append(Edit(line, start + found.start(), start + found.end(), other))
                    return

    def visit_Compare(self, node: ast.Compare) -> None:
        operands = [node.left, *node.comparators]
        for left, right in itertools.pairwise(operands):
            self._between(left, right, COMPARISONS)
            self._between(left, right, FLIPPED)
        self.generic_visit(node)

    def visit_BinOp(self, node: ast.BinOp) -> None:
        if not isinstance(node.left, ast.Constant) or not isinstance(node.left.value, str):
            self._between(node.left, node.right, ARITHMETIC)
        self.generic_visit(node)

    def visit_AugAssign(self, node: ast.AugAssign) -> None:
        self._between(node.target, node.value, {"+=": "-=", "-=": "+=", "*=": "/=", "|=": "&=", "&=": "|="})
        self._replace(node, "pass")
        self.generic_visit(node)

    def visit_BoolOp(self, node: ast.BoolOp) -> None:
        for left, right in pairwise(node.values):
            self._between(left, right, {"and": "or", "or": "and"})
        for value in node.values:
            self._replace(value, "True" if isinstance(node.op, ast.And) else "False")
        self.generic_visit(node)

    def visit_UnaryOp(self, node: ast.UnaryOp) -> None:
        if isinstance(node.op, ast.Not | ast.USub | ast.Invert):
            self._replace(node, self._text(node.operand) or "")
        self.generic_visit(node)

    def _negate(self, test: ast.expr) -> None:
        text = self._text(test)
        if text is not None:
            self._replace(test, f"not ({text})")

    def visit_If(self, node: ast.If) -> None:
        if not (isinstance(node.test, ast.Name) and node.test.id == "TYPE_CHECKING"):
            self._negate(node.test)
        self.generic_visit(node)

    def visit_While(self, node: ast.While) -> None:
        self._negate(node.test)
        self.generic_visit(node)

    def visit_IfExp(self, node: ast.IfExp) -> None:
        self._negate(node.test)
        self.generic_visit(node)

    def visit_comprehension(self, node: ast.comprehension) -> None:
        for condition in node.ifs:
            self._replace(condition, "True")
        self.generic_visit(node)

    def visit_Constant(self, node: ast.Constant) -> None:
        value = node.value
        if id(node) in self._skipped:
            return
        if isinstance(value, bool):
            self._replace(node, str(not value))
        elif isinstance(value, int | float):
            self._replace(node, str(value + 1))
            if value:
                self._replace(node, str(value * 2 if value in (1, -1) else value - 1))
        elif isinstance(value, str):
            self._string(node, value)

    def _string(self, node: ast.Constant, value: str) -> None:
        if _IS_SQL.search(value):
            for line in range(node.lineno, (node.end_lineno or node.lineno) + 1):
                for found in _SQL_TOKEN.finditer(self._lines[line - 1]):
                    self.edits.append(Edit(line, found.start(), found.end(), SQL[found[1]]))
        elif value and " " not in value and self._text(node) is not None:
            quote = (self._text(node) or '"')[-1]
            if (self._text(node) or "").endswith(f"{value}{quote}"):
                column = (self._span(node) or (0, 0))[1] - 1
                self.edits.append(Edit(node.lineno, column, column, "x"))

    def visit_JoinedStr(self, node: ast.JoinedStr) -> None:
        """Positions inside f-strings are wrong before Python 3.12; what they say is mostly a message."""

    def visit_Call(self, node: ast.Call) -> None:
        name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
        span = self._span(node.func)
        if name in NAMES and span is not None and node.func.end_lineno == node.func.lineno:
            self.edits.append(Edit(node.func.lineno, span[1] - len(name), span[1], NAMES[name]))
        for keyword in node.keywords:
            self._drop_keyword(keyword)
        self.generic_visit(node)

    def _drop_keyword(self, keyword: ast.keyword) -> None:
        if keyword.arg in (None, "strict") or keyword.end_lineno != keyword.lineno or keyword.end_col_offset is None:
            return
        line = self._lines[keyword.lineno - 1]
        start, end = (
            self._column(keyword.lineno, keyword.col_offset),
            self._column(keyword.lineno, keyword.end_col_offset),
        )
        if line[:start].endswith(", "):
            start -= 2
        elif line[end : end + 2] == ", ":
            end += 2
        elif line[end : end + 1] == ",":
            end += 1
        self.edits.append(Edit(keyword.lineno, start, end, ""))

    def visit_Return(self, node: ast.Return) -> None:
        returns_nothing = node.value is None or (isinstance(node.value, ast.Constant) and node.value.value is None)
        if not returns_nothing and self._text(node) is not None:
            self._replace(node, "return None")
        self.generic_visit(node)

    def visit_Expr(self, node: ast.Expr) -> None:
        if isinstance(node.value, ast.Constant) and isinstance(node.value.value, str):
            return
        self._replace(node, "pass")
        self.generic_visit(node)

    def visit_Raise(self, node: ast.Raise) -> None:
        """The statement goes; its message is left alone."""
        self._replace(node, "pass")

    def visit_Continue(self, node: ast.Continue) -> None:
        self._replace(node, "break")

    def visit_Break(self, node: ast.Break) -> None:
        self._replace(node, "continue")

    def visit_Delete(self, node: ast.Delete) -> None:
        self._replace(node, "pass")

    def visit_Slice(self, node: ast.Slice) -> None:
        for bound in (node.lower, node.upper):
            if bound is not None:
                self._replace(bound, "")
        self.generic_visit(node)

    def visit_Dict(self, node: ast.Dict) -> None:
        for value in node.values:
            if self._text(value) is not None and not isinstance(value, ast.Constant):
                self._replace(value, "None")
        self.generic_visit(node)

    def visit_AnnAssign(self, node: ast.AnnAssign) -> None:
        if node.value is not None:
            self.visit(node.value)

    def visit_arguments(self, node: ast.arguments) -> None:
        for default in [*node.defaults, *node.kw_defaults]:
            if default is not None:
                self.visit(default)

    def _function(self, node: ast.FunctionDef | ast.AsyncFunctionDef) -> None:
        for part in [*node.decorator_list, node.args, *node.body]:
            self.visit(part)

    def visit_ClassDef(self, node: ast.ClassDef) -> None:
        """Without its decorators: whether a class is frozen or has slots is no behaviour."""
        for part in node.body:
            self.visit(part)

    def visit_FunctionDef(self, node: ast.FunctionDef) -> None:
        self._function(node)

    def visit_AsyncFunctionDef(self, node: ast.AsyncFunctionDef) -> None:
        self._function(node)

    def visit_Import(self, node: ast.Import) -> None:
        """Imports are left alone."""

    def visit_ImportFrom(self, node: ast.ImportFrom) -> None:
        """Imports are left alone."""


def edits_of(source: str) -> list[Edit]:
    """All breaks of a source; a few of them are no Python, or the same program: see `is_program`."""
    finder = _Finder(source)
    finder.visit(ast.parse(source))
    return list(dict.fromkeys(finder.edits))


def applied(line: str, edit: Edit) -> str:
    """The line with the edit in it."""
    return line[: edit.start] + edit.text + line[edit.end :]


def is_program(source: str, edit: Edit) -> bool:
    """Whether the broken source is Python and another program."""
    lines = source.splitlines(keepends=True)
    lines[edit.line - 1] = applied(lines[edit.line - 1], edit)
    try:
        return ast.dump(ast.parse("".join(lines))) != ast.dump(ast.parse(source))
    except SyntaxError:
        return False
