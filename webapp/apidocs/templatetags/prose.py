"""Descriptions of the OpenAPI document as HTML."""

import re
from typing import Final

from django import template
from django.utils.html import conditional_escape
from django.utils.safestring import SafeString, mark_safe

register = template.Library()

_CODE: Final = re.compile(r"`([^`\n]+)`")


@register.filter
def prose(text: str) -> SafeString:
    """Paragraphs, and code between backticks; everything else is text."""
    paragraphs = [each for each in str(text).split("\n\n") if each.strip()]
    return mark_safe("".join(f"<p>{inline(each)}</p>" for each in paragraphs))  # noqa: S308


@register.filter
def inline(text: str) -> SafeString:
    """Code between backticks; escaped before anything is put into it."""
    return mark_safe(_CODE.sub(r"<code>\1</code>", conditional_escape(text)))  # noqa: S308
