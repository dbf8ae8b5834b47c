"""How the page looks: sober, light and dark, on a desk and on a phone; no font, script or address."""

from typing import Final

STYLE: Final = """
:root { color-scheme: light dark; --paper: #fff; --ink: #1b1b1b; --dim: #666; --line: #dcdcdc;
  --band: #f5f5f4; --link: #0a58a6; --met: #00734f; --aim: #d8efe5 }
@media (prefers-color-scheme: dark) { :root { --paper: #16181a; --ink: #e6e6e4; --dim: #a0a0a0;
  --line: #3a3d40; --band: #1f2225; --link: #7db7ee; --met: #4cc79b; --aim: #1d3b31 } }
* { box-sizing: border-box }
body { margin: 0 auto; padding: 1.5rem clamp(.8rem, 3vw, 2.5rem) 4rem; max-width: 84rem;
  background: var(--paper); color: var(--ink); font: 15px/1.45 system-ui, "Segoe UI", sans-serif;
  font-variant-numeric: tabular-nums; -webkit-text-size-adjust: 100% }
h1 { font-size: 1.7rem; margin: 0 0 .2rem }
h2 { font-size: 1.25rem; margin: 2.6rem 0 .6rem; padding-top: .5rem; border-top: 2px solid var(--ink) }
p { max-width: 46rem; margin: .5rem 0; overflow-wrap: anywhere }
a { color: var(--link) }
.lead, .fine, nav { color: var(--dim) }
.fine { font-size: .86rem }
nav { margin: .8rem 0 0; display: flex; flex-wrap: wrap; gap: .2rem 1rem }
.grid { overflow-x: auto; margin: .8rem 0 1.4rem; max-width: 100% }
table { border-collapse: collapse }
caption { text-align: left; color: var(--dim); font-size: .86rem; padding: .3rem 0; max-width: 46rem }
th, td { text-align: left; vertical-align: top; padding: .3rem .9rem .35rem 0; font-weight: normal }
thead th { border-bottom: 1px solid var(--ink); font-weight: 600; vertical-align: bottom;
  background: var(--paper) }
tbody { border-bottom: 1px solid var(--line) }
tbody th { position: sticky; left: 0; background: var(--paper); min-width: 9rem; max-width: 19rem;
  z-index: 1 }
thead th:first-child { position: sticky; left: 0; z-index: 2 }
.main { display: block }
td .main { white-space: nowrap }
td.long .main { white-space: normal; max-width: 46rem; overflow-wrap: anywhere }
.under { display: block; color: var(--dim); font-size: .76rem; line-height: 1.35 }
td .under { max-width: 12.5rem }
.under span { white-space: nowrap }
.under .say { white-space: normal }
.under i { font-style: normal }
.strong .main { font-weight: 650 }
.faint .main, .label .main { color: var(--dim) }
code { font: .82em ui-monospace, Consolas, monospace; color: var(--dim); font-weight: normal }
.met { color: var(--met); font-weight: 650 }
details { margin: .5rem 0 }
details > details { margin-left: .1rem }
summary { cursor: pointer; font-weight: 600; padding: .25rem 0 }
details > details > summary { font-weight: 500; color: var(--dim) }
.plots { display: flex; flex-wrap: wrap; gap: 1rem 2rem }
figure { margin: .6rem 0; flex: 1 1 20rem; max-width: 36rem; min-width: 0 }
figure svg { width: 100%; height: auto; display: block }
.card { margin: 1.1rem 0 1.8rem; padding-top: .6rem; border-top: 1px solid var(--line) }
.card h3 { font-size: 1rem; margin: 0; overflow-wrap: anywhere }
.card ul { margin: .4rem 0; padding-left: 1.1rem; max-width: 62rem; font-size: .86rem }
.card .shot { overflow-x: auto }
.card img { display: block; width: 100%; min-width: 46rem; max-width: 78rem; height: auto }
@media (prefers-color-scheme: dark) { .card img { filter: invert(.9) hue-rotate(180deg) } }
@media (max-width: 40rem) {
  body { font-size: 14px }
  th, td { padding-right: .7rem }
  tbody th { min-width: 0; width: 33vw; max-width: 33vw; overflow-wrap: anywhere }
  tbody th .under { font-size: .68rem }
  td .under { max-width: 9.5rem }
  .under span { display: block }
  .under i { display: none }
}
@media print { details > * { display: block } .grid, .card .shot { overflow: visible } }
"""
