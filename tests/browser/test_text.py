"""How message text becomes what is shown: Slack's mrkdwn and standard Markdown, also when hostile."""

import pytest
from playwright.async_api import Page

from tests.browser.conftest import OpenPage

pytestmark = pytest.mark.asyncio(loop_scope="session")

RENDER = """async ([kind, text]) => {
    const page = await import(`/page/static/text/${kind}.js`);
    const box = document.createElement('div');
    box.append(page[kind](text));
    return box.innerHTML;
}"""

MRKDWN = {
    "a *b* _c_ ~d~ `e*f*`": "<p>a <strong>b</strong> <em>c</em> <s>d</s> <code>e*f*</code></p>",
    "2*3*4 and snake_case_name": "<p>2*3*4 and snake_case_name</p>",
    "*a _b_*": "<p><strong>a <em>b</em></strong></p>",
    "one\ntwo": "<p>one<br>two</p>",
    "&gt; said\nplain": "<blockquote>said</blockquote><p>plain</p>",
    "- a\n• b": "<ul><li>a</li><li>b</li></ul>",
    "3. a\n4. b": '<ol start="3"><li>a</li><li>b</li></ol>',
    "x ```1 &lt; 2\n*no*``` y": "<p>x </p><pre><code>1 &lt; 2\n*no*</code></pre><p> y</p>",
    "unclosed ``` fence": "<p>unclosed ``` fence</p>",
    "&amp;lt; &lt;b&gt;": "<p>&amp;lt; &lt;b&gt;</p>",
    "<!here> <!subteam^S1|@bakers>": '<p><span class="mention me">@here</span> <span>@bakers</span></p>',
    "<@UNOBODY|who>": '<p><span class="mention">@who</span></p>',
    "10:30:45 :nosuch:": "<p>10:30:45 :nosuch:</p>",
}

MARKDOWN = {
    "**a** *b* ~~c~~ __d__": "<p><strong>a</strong> <em>b</em> <s>c</s> <strong>d</strong></p>",
    "# T\n## U ##\ntext": '<h3 class="level-1">T</h3><h4 class="level-2">U</h4><p>text</p>',
    "- a\n  - b\n- c": "<ul><li>a<ul><li>b</li></ul></li><li>c</li></ul>",
    "1. a\n2. b\n\npara": '<ol start="1"><li>a</li><li>b</li></ol><p>para</p>',
    "- [x] done": '<ul><li class="task"><input type="checkbox" disabled="">done</li></ul>',
    "> a\n> - b": "<blockquote><p>a</p><ul><li>b</li></ul></blockquote>",
    "```py\nx = '<b>'\n```\nafter": "<pre data-language=\"py\"><code>x = '&lt;b&gt;'</code></pre><p>after</p>",
    "```\nstill open": "<pre><code>still open</code></pre>",
    "a\n\n---\n\nb": "<p>a</p><hr><p>b</p>",
    r"\*not\* 5 * 3 * 1": "<p>*not* 5 * 3 * 1</p>",
    "| a | b\\|c |\n|:-:|--:|\n| `x` | |": (
        '<div class="table-wrap" tabindex="0"><table>'
        '<thead><tr><th class="align-center">a</th><th class="align-right">b|c</th></tr></thead>'
        '<tbody><tr><td class="align-center"><code>x</code></td><td class="align-right"></td></tr></tbody>'
        "</table></div>"
    ),
    "[a](javascript:alert(1))": "<p><span>a</span></p>",
    "pay | now": "<p>pay | now</p>",
}


async def _rendered(page: Page, kind: str, texts: list[str]) -> dict[str, str]:
    return {text: await page.evaluate(RENDER, [kind, text]) for text in texts}


async def test_slacks_own_format(open_page: OpenPage) -> None:
    page = (await open_page()).page
    assert await _rendered(page, "mrkdwn", list(MRKDWN)) == MRKDWN


async def test_standard_markdown(open_page: OpenPage) -> None:
    page = (await open_page()).page
    assert await _rendered(page, "markdown", list(MARKDOWN)) == MARKDOWN


async def test_hostile_text_takes_no_time(open_page: OpenPage) -> None:
    page = (await open_page()).page
    hostile = [
        "*" * 20_000,
        "*a " * 9000,
        "[" * 20_000,
        "[a](" * 6000,
        ">" * 20_000,
        "<" * 20_000,
        "`" * 20_000,
        "- " * 9000,
        "_*" * 9000,
        "|-" * 9000,
        "h" * 40_000,
    ]
    for text in hostile:
        for kind in ("mrkdwn", "markdown"):
            took = await page.evaluate(
                """async ([kind, text]) => {
                    const page = await import(`/page/static/text/${kind}.js`);
                    const began = performance.now();
                    page[kind](text);
                    return performance.now() - began;
                }""",
                [kind, text],
            )
            assert took < 2500, (kind, text[:4], took)
