// The page that html.cpp fills. Filters are check boxes that stand before what they hide: no script is needed.
#include "report/html.hpp"

namespace upspec::report {

const std::string_view html_page = R"html(<!DOCTYPE html>
<html lang="en" xmlns="http://www.w3.org/1999/xhtml">
<head>
<meta charset="utf-8"/>
<meta name="viewport" content="width=device-width, initial-scale=1"/>
<title>{{title}}</title>
<style>
:root {
  color-scheme: light dark;
  --page: #f6f7f9; --card: #ffffff; --ink: #1b1f24; --soft: #5b6570; --line: #dde1e6; --code: #f1f3f6; --link: #0b5cad;
  --pass: #1a7f37; --note: #8a5a00; --fail: #c0232c; --skip: #57606a; --error: #8430b5;
}
@media (prefers-color-scheme: dark) {
  :root {
    --page: #111418; --card: #191d23; --ink: #e4e8ed; --soft: #9aa5b1; --line: #2c323a; --code: #12161b; --link: #6cb2ff;
    --pass: #4cc26b; --note: #e0a93c; --fail: #ff6b6e; --skip: #9aa5b1; --error: #cf8df5;
  }
}
* { box-sizing: border-box; overflow-wrap: anywhere; }
body {
  margin: 0 auto; max-width: 76rem; padding: 1.5rem 1rem 4rem; background: var(--page); color: var(--ink);
  font: 15px/1.5 system-ui, -apple-system, "Segoe UI", Roboto, "Liberation Sans", "DejaVu Sans", sans-serif;
}
h1 { font-size: 1.5rem; margin: 0 0 .75rem; }
h2 { font-size: 1rem; margin: 1.75rem 0 .5rem; }
h4 { font-size: .75rem; margin: 1rem 0 .25rem; color: var(--soft); text-transform: uppercase; letter-spacing: .05em; }
a { color: var(--link); }
code, pre { font: 13px/1.45 ui-monospace, "Cascadia Mono", "DejaVu Sans Mono", "Liberation Mono", monospace; }
pre { margin: 0; white-space: pre-wrap; overflow-wrap: anywhere; }
dl { display: flex; flex-wrap: wrap; gap: .5rem 2rem; margin: 0; }
dt { font-size: .75rem; color: var(--soft); }
dd { margin: 0; overflow-wrap: anywhere; }
.pass { --own: var(--pass); } .note { --own: var(--note); } .fail { --own: var(--fail); }
.skip { --own: var(--skip); } .error { --own: var(--error); }

.filter { position: fixed; top: 0; opacity: 0; pointer-events: none; }
nav {
  position: sticky; top: 0; z-index: 1; display: flex; flex-wrap: wrap; gap: .5rem; align-items: center;
  margin: 1.25rem 0 0; padding: .5rem 0; background: var(--page);
}
nav label {
  padding: .2rem .8rem; border: 1px solid var(--own, var(--soft)); border-radius: 1rem; color: var(--own, var(--soft));
  background: var(--card); cursor: pointer; user-select: none;
}
.total { padding: 0 .5rem; color: var(--soft); }
#show-pass:not(:checked) ~ nav label[for=show-pass], #show-note:not(:checked) ~ nav label[for=show-note],
#show-fail:not(:checked) ~ nav label[for=show-fail], #show-skip:not(:checked) ~ nav label[for=show-skip],
#show-error:not(:checked) ~ nav label[for=show-error], #show-octets:not(:checked) ~ nav label[for=show-octets] {
  opacity: .5; border-style: dashed; text-decoration: line-through;
}
#show-pass:focus-visible ~ nav label[for=show-pass], #show-note:focus-visible ~ nav label[for=show-note],
#show-fail:focus-visible ~ nav label[for=show-fail], #show-skip:focus-visible ~ nav label[for=show-skip],
#show-error:focus-visible ~ nav label[for=show-error], #show-octets:focus-visible ~ nav label[for=show-octets] {
  outline: 2px solid var(--link);
}
#show-pass:not(:checked) ~ main :is(.case.pass, .only-pass), #show-note:not(:checked) ~ main :is(.case.note, .only-note),
#show-fail:not(:checked) ~ main :is(.case.fail, .only-fail), #show-skip:not(:checked) ~ main :is(.case.skip, .only-skip),
#show-error:not(:checked) ~ main :is(.case.error, .only-error), #show-octets:not(:checked) ~ main .octets {
  display: none;
}

.attention ul { list-style: none; margin: 0; padding: 0; }
.attention li, .case { background: var(--card); border: 1px solid var(--line); border-left: 4px solid var(--own); }
.attention li { padding: .35rem .75rem; margin-bottom: -1px; }
.case { margin-bottom: -1px; }
.badge {
  display: inline-block; min-width: 3.6rem; color: var(--own); font-size: .8rem; font-weight: 700; text-transform: uppercase;
}
summary { display: flex; flex-wrap: wrap; gap: .25rem .75rem; align-items: baseline; padding: .35rem .75rem; cursor: pointer; }
summary:hover { background: var(--code); }
.message { color: var(--soft); overflow-wrap: anywhere; flex: 1 1 20rem; }
.time { color: var(--soft); font-size: .8rem; font-variant-numeric: tabular-nums; }
.body { padding: .25rem .75rem 1rem; border-top: 1px solid var(--line); scroll-margin-top: 6rem; }
.requirement { margin: .6rem 0; max-width: 60rem; }
.requirement.broken b { color: var(--own); }
.body > pre { padding: .5rem .75rem; background: var(--code); border-radius: .3rem; }
.wide { overflow-x: auto; background: var(--code); border-radius: .3rem; }
table { border-collapse: collapse; width: 100%; }
th { text-align: left; font-size: .75rem; color: var(--soft); font-weight: 400; }
th, td { padding: .15rem .6rem; vertical-align: top; border-bottom: 1px solid var(--line); }
td:first-child, th:first-child { text-align: right; white-space: nowrap; font-variant-numeric: tabular-nums; color: var(--soft); }
td:nth-child(2) { white-space: nowrap; color: var(--soft); }
td:nth-child(3) { font-family: ui-monospace, "DejaVu Sans Mono", monospace; white-space: nowrap; }
td:last-child { width: 100%; }
.received td:nth-child(3), .received td:last-child pre:first-child { color: var(--link); }
.remark td:last-child { font-style: italic; color: var(--soft); }
.octets { color: var(--soft); padding: .15rem 0 .3rem 1rem; white-space: pre; }
@media print { nav { display: none; } }
</style>
</head>
<body>
<header>
<h1>{{title}}</h1>
<dl>
{{facts}}</dl>
</header>
<input class="filter" type="checkbox" id="show-pass" checked="checked"/>
<input class="filter" type="checkbox" id="show-note" checked="checked"/>
<input class="filter" type="checkbox" id="show-fail" checked="checked"/>
<input class="filter" type="checkbox" id="show-skip" checked="checked"/>
<input class="filter" type="checkbox" id="show-error" checked="checked"/>
<input class="filter" type="checkbox" id="show-octets" checked="checked"/>
<nav aria-label="which cases are shown">
{{counts}}
<label for="show-octets">octets</label>
</nav>
<div class="attention">
{{attention}}
</div>
<main>
{{cases}}
</main>
</body>
</html>
)html";

}  // namespace upspec::report
