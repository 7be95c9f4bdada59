"""The report's page: one file, no scripts, nothing loaded from elsewhere; its pictures lie beside it."""

PAGE = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>Journeyman, night of $night</title><style>
:root { --ink: #1d1c1d; --quiet: #6b7280; --line: #e5e7eb; --good: #0f766e; --keep: #b45309; }
* { box-sizing: border-box; }
body { margin: 0 auto; max-width: 66rem; padding: 2rem 1.25rem 4rem; color: var(--ink); background: #fff;
  font: 16px/1.55 system-ui, -apple-system, "Segoe UI", "Noto Sans", sans-serif; }
h1 { font-size: 1.1rem; font-weight: 600; color: var(--quiet); margin: 0; }
h2 { font-size: 1.15rem; margin: 2.75rem 0 .75rem; }
.verdict { font-size: 1.4rem; line-height: 1.4; margin: .5rem 0 0; padding-left: 1rem; border-left: 5px solid; }
.verdict.promoted { border-color: var(--good); } .verdict.kept { border-color: var(--keep); }
.scroll { overflow-x: auto; }
table { border-collapse: collapse; font-size: .85rem; font-variant-numeric: tabular-nums; }
.scroll table { width: 100%; }
th, td { text-align: right; padding: .5rem .45rem; border-bottom: 1px solid var(--line); vertical-align: top;
  white-space: nowrap; }
th:first-child { text-align: left; padding-left: 0; font-weight: 600; }
thead th { color: var(--quiet); font-weight: 500; vertical-align: bottom; }
td span, th span { display: block; color: var(--quiet); font-size: .75rem; font-weight: 400; }
.lineage td { text-align: left; white-space: normal; overflow-wrap: anywhere; }
img { width: 100%; max-width: 50rem; height: auto; display: block; }
.note { color: var(--quiet); font-size: .85rem; }
article { border: 1px solid var(--line); border-radius: 10px; padding: .9rem 1.1rem; margin: 0 0 .9rem; }
article h3 { font-size: 1rem; margin: 0 0 .5rem; display: flex; justify-content: space-between; gap: 1rem; }
article b { font-weight: 500; color: var(--quiet); font-variant-numeric: tabular-nums; white-space: nowrap; }
dl { display: grid; grid-template-columns: 5.5rem 1fr; gap: .3rem .75rem; margin: 0; }
dt { color: var(--quiet); } dd { margin: 0; overflow-wrap: anywhere; }
ul { padding-left: 1.2rem; }
</style></head><body>
<h1>Night school, $night</h1>
<p class="verdict $mark">$verdict</p>

<h2>RAG, fine-tuning or both?</h2>
<p>$headline</p><ul>$ways</ul>

<h2>The arms, side by side</h2>
<div class="scroll"><table><thead><tr><th>who answers</th>$heads</tr></thead><tbody>$arms</tbody></table></div>
<p class="note">On the same held-out questions, which no adapter has ever seen. Below each mean its 95 % interval.
Nats a token: how surprised a model is by the approved answer; less is better, all else more.</p>
<div class="scroll"><table><thead><tr><th>who answers</th><th>refuses the unanswerable</th>
<th>manners, nats a token ↓</th><th>memory</th></tr></thead><tbody>$extras</tbody></table></div>

<h2>Question by question</h2>
<img src="gain.png" alt="Gain in nats a token for each held-out question">

<h2>What changed most</h2>
$changes

<h2>How training went</h2>
<img src="loss.png" alt="Loss at each training step">

<h2>Week by week</h2>
$helpful

<h2>Lineage</h2>
<table class="lineage"><tbody>$lineage</tbody></table>
</body></html>
"""
