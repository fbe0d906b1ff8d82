/** Colours of a theme: each name is a custom property. Text colours have a contrast of at least 4.5 to every surface. */
export type Theme = Readonly<Record<(typeof COLORS)[number], string>>;

const COLORS = [
  "paper",
  "surface",
  "sunken",
  "ink",
  "muted",
  "line",
  "fine",
  "fine-tint",
  "doubtful",
  "doubtful-tint",
  "slow",
  "slow-tint",
  "refused",
  "refused-tint",
] as const;

export const LIGHT: Theme = {
  paper: "#f4f5f1",
  surface: "#fdfdfb",
  sunken: "#ecefe9",
  ink: "#17201d",
  muted: "#515d58",
  line: "#d3d9d3",
  fine: "#0a6657",
  "fine-tint": "#dcefe9",
  doubtful: "#7d4f00",
  "doubtful-tint": "#f8ecd2",
  slow: "#5d37a8",
  "slow-tint": "#e9e1f8",
  refused: "#a81d17",
  "refused-tint": "#f9e0dc",
};

export const DARK: Theme = {
  paper: "#101513",
  surface: "#181f1c",
  sunken: "#1f2825",
  ink: "#e4ebe7",
  muted: "#9dada6",
  line: "#2f3b37",
  fine: "#62d3ba",
  "fine-tint": "#16342d",
  doubtful: "#e9b95c",
  "doubtful-tint": "#392c11",
  slow: "#c3a8ff",
  "slow-tint": "#2e2349",
  refused: "#ff978c",
  "refused-tint": "#431d1a",
};

function properties(theme: Theme): string {
  return COLORS.map((name) => `--${name}:${theme[name]}`).join(";");
}

const THEMES = `
:root{color-scheme:light;${properties(LIGHT)}}
@media(prefers-color-scheme:dark){:root:not([data-theme=light]){color-scheme:dark;${properties(DARK)}}}
:root[data-theme=dark]{color-scheme:dark;${properties(DARK)}}
`;

const BASE = `
*{box-sizing:border-box}
[hidden]{display:none!important}
html{-webkit-text-size-adjust:100%}
html:has(dialog[open]){overflow:hidden}
body{margin:0;background:var(--paper);color:var(--ink);font:16px/1.5 ui-sans-serif,system-ui,"Segoe UI","Liberation Sans",sans-serif}
.wrap{max-width:1180px;margin:0 auto;padding:0 24px 64px}
h1,h2,h3{font-family:"Iowan Old Style","Palatino Linotype",Palatino,"DejaVu Serif Condensed",Georgia,serif;font-weight:600;line-height:1.2;margin:0}
h1{font-size:clamp(1.5rem,1rem + 2.2vw,2.25rem);overflow-wrap:anywhere}
h2{font-size:1.3rem;margin:56px 0 4px}
h3{font-size:1.05rem;margin:24px 0 8px}
p{margin:0}
code,.mono{font-family:ui-monospace,"SF Mono","Cascadia Mono","DejaVu Sans Mono",Menlo,Consolas,monospace;font-size:.84em}
.num{font-variant-numeric:tabular-nums}
.lead{color:var(--muted);max-width:70ch;margin-bottom:16px}
a{color:inherit}
button,input,select{font:inherit;color:inherit}
:focus-visible{outline:2px solid var(--fine);outline-offset:2px;border-radius:3px}
.skip{position:absolute;left:-999px}
.skip:focus{left:16px;top:8px;background:var(--surface);padding:8px 12px;z-index:2}
.visually-hidden{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%);white-space:nowrap}
@media(max-width:640px){.wrap{padding:0 16px 48px}h2{margin-top:40px}}
`;

const HEAD = `
.top{display:flex;gap:16px;align-items:flex-start;justify-content:space-between;padding-top:28px}
.kicker{color:var(--muted);letter-spacing:.02em;margin-bottom:6px}
.facts{color:var(--muted);margin-top:8px}
.theme{flex:none;background:none;border:1px solid var(--line);border-radius:999px;padding:4px 14px;cursor:pointer;font-size:.85rem}
.theme:hover{background:var(--sunken)}
.verdict{margin:24px 0 0;padding:0;list-style:none;border-top:2px solid var(--ink)}
.verdict li{display:grid;grid-template-columns:6.5rem 1fr;gap:4px 16px;padding:14px 0;border-bottom:1px solid var(--line)}
.verdict .level{font-weight:650;white-space:nowrap}
.verdict .level::before{content:"";display:inline-block;width:.7em;height:.7em;margin-right:.55em;background:currentColor}
.level.bad{color:var(--refused)}.level.warn{color:var(--doubtful)}.level.note{color:var(--muted)}.level.ok{color:var(--fine)}
.level.ok::before,.level.note::before{border-radius:50%}
.level.warn::before{clip-path:polygon(50% 0,100% 100%,0 100%)}
.verdict p{max-width:80ch}
.advice{color:var(--muted);margin-top:4px}
.figures{display:grid;grid-template-columns:repeat(auto-fit,minmax(9.5rem,1fr));gap:0;margin:28px 0 0;border-bottom:1px solid var(--line)}
.figures div{padding:10px 16px 12px 0}
.figures dt{color:var(--muted);font-size:.85rem}
.figures dd{margin:0;font-size:1.5rem;font-variant-numeric:tabular-nums;line-height:1.25}
.figures small{font-size:.8rem;color:var(--muted);display:block}
@media(max-width:640px){.verdict li{grid-template-columns:1fr}.figures{grid-template-columns:1fr 1fr}.figures dd{font-size:1.25rem}}
`;

const CHART = `
.chart{margin:8px 0 0;padding:40px 20px 16px 66px;background:var(--surface);border:1px solid var(--line)}
.plot{display:block;width:100%;height:400px;overflow:visible}
.plot text{font-size:12px;fill:var(--muted);font-variant-numeric:tabular-nums}
.plot .tick{text-anchor:end}.plot .below{text-anchor:middle}
.plot .grid{stroke:var(--line)}
.plot .frame{fill:none;stroke:var(--line)}
.plot .zone{fill:var(--slow-tint);opacity:.55}
.plot .old{fill:var(--doubtful-tint);opacity:.5}
.plot .limit{stroke:var(--ink);stroke-dasharray:5 4}
.plot .limit-name{fill:var(--ink);paint-order:stroke;stroke:var(--surface);stroke-width:4px;stroke-linejoin:round}
.mark{cursor:pointer;stroke:var(--surface);stroke-width:.8}
.mark:hover{stroke:var(--ink)}
.fine{--c:var(--fine);--t:var(--fine-tint)}.doubtful{--c:var(--doubtful);--t:var(--doubtful-tint)}
.slow{--c:var(--slow);--t:var(--slow-tint)}.refused{--c:var(--refused);--t:var(--refused-tint)}
.plot .mark{fill:var(--c)}
.legend{display:flex;flex-wrap:wrap;gap:4px 24px;list-style:none;margin:48px 0 0;padding:0;font-size:.88rem;color:var(--muted)}
.legend svg{width:14px;height:14px;vertical-align:-2px;margin-right:6px;fill:var(--c);overflow:visible}
@media(max-width:640px){.chart{padding:40px 14px 14px 52px;margin-inline:-16px;border-inline:0}.plot{height:320px}.plot text{font-size:11px}.legend{margin-left:-36px}}
`;

const FLOWS = `
.tools{display:flex;flex-wrap:wrap;gap:10px 16px;align-items:center;margin:8px 0 12px}
.tools input{flex:1 1 16rem;max-width:28rem;min-width:0;background:var(--surface);border:1px solid var(--line);padding:7px 10px;border-radius:4px}
.tools output{color:var(--muted);font-size:.9rem}
table{border-collapse:collapse;width:100%}
th{text-align:left;font-weight:600;font-size:.85rem;vertical-align:bottom;padding:6px 10px 8px 0;border-bottom:2px solid var(--ink)}
td{padding:10px 10px 10px 0;border-bottom:1px solid var(--line);vertical-align:top}
th.right,td.right{text-align:right}
.flows thead{position:sticky;top:0;background:var(--paper);z-index:1}
.flows th button{background:none;border:0;padding:0;font-weight:inherit;text-align:inherit;cursor:pointer;white-space:nowrap}
.flows th button::after{content:"";display:inline-block;width:.9em;color:var(--muted)}
.flows th[aria-sort=descending] button::after{content:" \\2193"}
.flows th[aria-sort=ascending] button::after{content:" \\2191"}
.flows .open{background:none;border:0;padding:0;text-align:left;cursor:pointer;display:block;width:100%;overflow-wrap:anywhere}
.flows .open:hover .key{text-decoration:underline;text-underline-offset:3px}
.flows .key{display:-webkit-box;-webkit-box-orient:vertical;-webkit-line-clamp:2;overflow:hidden}
.flows .acts{color:var(--muted);display:-webkit-box;-webkit-box-orient:vertical;-webkit-line-clamp:1;overflow:hidden}
.flows tbody tr:hover{background:var(--surface)}
.tag,.answer{display:inline-block;background:var(--t);color:var(--c);font-size:.78rem;line-height:1.3;padding:1px 7px;border-radius:3px;white-space:nowrap}
.tag{margin:0 0 3px}
.takes{color:var(--fine)}
.takes::before{content:"";display:inline-block;width:.55em;height:.3em;border:solid currentColor;border-width:0 0 2px 2px;transform:rotate(-45deg) translate(1px,-3px);margin-right:.4em}
.ruler{position:relative;height:6px;background:var(--sunken);margin-top:7px;min-width:84px}
.ruler i{position:absolute;inset:0 auto 0 0;background:var(--c);min-width:1px}
.ruler b{position:absolute;top:-2px;bottom:-2px;width:1px;background:var(--ink)}
.more{color:var(--muted);padding:12px 0}
@media(max-width:860px){
.flows thead{display:block;position:static}
.flows thead tr{display:flex;flex-wrap:wrap;gap:2px 16px;border-bottom:2px solid var(--ink);padding-bottom:6px}
.flows thead th{border:0;padding:2px 0}
.flows tbody,.flows tbody tr,.flows tbody td{display:block}
.flows tbody tr{padding:12px 0;border-bottom:1px solid var(--line);display:grid;grid-template-columns:1fr auto;gap:4px 16px}
.flows tbody td{border:0;padding:0}
.flows td.what{grid-column:1/-1}
.flows td.size{grid-column:1/-1;display:grid;grid-template-columns:auto 1fr;gap:12px;align-items:center;text-align:left}
.flows td.size .ruler{margin:0}
.flows td.size::after{content:none}
.flows td.right:not(.size){text-align:left}
.flows tbody td[data-name]::before{content:attr(data-name) " ";color:var(--muted);font-size:.82rem}
.flows td.says{display:flex;justify-content:space-between;gap:8px}
}
`;

const DETAIL = `
dialog{border:0;padding:0;margin:0 0 0 auto;width:min(920px,100vw);max-width:none;height:100dvh;max-height:none;background:var(--surface);color:var(--ink);box-shadow:0 0 0 1px var(--line),0 0 60px rgb(0 0 0/.35)}
dialog::backdrop{background:rgb(10 16 14/.45)}
.sheet{display:flex;flex-direction:column;height:100%}
.sheet header{display:flex;justify-content:space-between;align-items:flex-start;gap:16px;padding:18px 24px 14px;border-bottom:1px solid var(--line)}
.sheet header h2{margin:0}
.sheet .body{overflow:auto;padding:0 24px 40px;flex:1}
.close{background:none;border:1px solid var(--line);border-radius:4px;padding:4px 12px;cursor:pointer;flex:none}
.text{background:var(--sunken);padding:10px 12px;overflow-wrap:anywhere;max-height:9.5em;overflow:auto;white-space:pre-wrap}
.says-list{list-style:none;padding:0;margin:0}
.says-list li{display:grid;grid-template-columns:10.5rem 1fr;gap:2px 16px;padding:8px 0;border-bottom:1px solid var(--line)}
.says-list p{overflow-wrap:anywhere}
.jump{background:none;border:0;border-bottom:1px solid currentColor;padding:0;cursor:pointer;color:inherit;text-align:left;overflow-wrap:anywhere}
.tabs{display:flex;gap:20px;border-bottom:1px solid var(--line);margin:8px 0 0}
.tabs button{background:none;border:0;border-bottom:3px solid transparent;padding:6px 0;cursor:pointer;color:var(--muted)}
.tabs button[aria-selected=true]{color:var(--ink);border-color:var(--fine)}
.bytes{list-style:none;margin:0;padding:0}
.bytes li{display:grid;grid-template-columns:4.2rem 14.5rem 1fr;gap:0 14px;padding:2px 0;border-bottom:1px solid var(--sunken);line-height:1.45}
.bytes li.hit{background:var(--refused-tint);box-shadow:-6px 0 0 var(--refused-tint)}
.bytes .at{color:var(--muted)}
.bytes .hex{overflow-wrap:break-word;word-spacing:-.1em}
.bytes .hex i{font-style:normal;color:var(--muted)}
.bytes .means{overflow-wrap:anywhere;padding-left:calc(var(--d)*12px)}
.bytes .path{color:var(--muted)}
.bytes .means b{font-weight:600;color:var(--fine)}
.bytes .pad{color:var(--muted)}
.rest{margin:14px 0;display:flex;flex-wrap:wrap;gap:10px;align-items:center;color:var(--muted)}
.rest button{background:var(--sunken);border:1px solid var(--line);border-radius:4px;padding:4px 12px;cursor:pointer;color:var(--ink)}
@media(max-width:640px){.sheet header,.sheet .body{padding-left:16px;padding-right:16px}.says-list li{grid-template-columns:1fr}.bytes li{grid-template-columns:3.6rem 1fr}.bytes .means{grid-column:1/-1;padding-left:calc(3.6rem + 14px)}}
`;

const TABLES = `
.pair{display:grid;grid-template-columns:minmax(0,1fr) minmax(0,1.3fr);gap:0 48px}
.scroll{overflow-x:auto}
.plain td{padding:6px 12px 6px 0}
.plain tr.quiet{color:var(--muted)}
footer{margin-top:56px;padding-top:14px;border-top:1px solid var(--line);color:var(--muted);font-size:.88rem;max-width:80ch}
@media(max-width:860px){.pair{grid-template-columns:minmax(0,1fr)}}
@media print{.theme,.tools,.skip{display:none}.flows thead{position:static}body{background:#fff}}
`;

/** The style sheet of a report. */
export const STYLE = [THEMES, BASE, HEAD, CHART, FLOWS, DETAIL, TABLES].join("").trim();
