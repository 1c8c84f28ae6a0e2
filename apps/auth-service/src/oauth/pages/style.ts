/**
 * The look of all pages: stone and verdigris, a card with battlements, the system's own fonts. Text and edges keep the
 * contrast of WCAG 1.4.3 and 1.4.11 in light and dark; everything is sized in `rem` and reflows from 320 px (1.4.10).
 */
export const STYLE = `:root {
  color-scheme: light dark;
  --ink: #1e2224; --faint: #575b58; --paper: #e6e3dc; --card: #fdfcf9; --line: #85817a; --hair: #d8d4ca;
  --accent: #1d5148; --accent-strong: #153c36; --on-accent: #fff; --tint: #eaf1ee; --alarm: #9c1f1a; --alarm-tint: #fbecea;
}
@media (prefers-color-scheme: dark) {
  :root {
    --ink: #ebe8e1; --faint: #b3afa6; --paper: #131617; --card: #1d2122; --line: #858179; --hair: #363b3b;
    --accent: #8ecbbb; --accent-strong: #b1ded2; --on-accent: #0c201b; --tint: #20302c; --alarm: #ffaaa2; --alarm-tint: #3a2423;
  }
}
* { box-sizing: border-box; }
html { -webkit-text-size-adjust: 100%; text-size-adjust: 100%; }
body {
  margin: 0; min-height: 100vh; background: var(--paper); color: var(--ink);
  font: 1rem/1.55 system-ui, sans-serif; display: flex; flex-direction: column; align-items: center;
}
header, main { width: min(27rem, 100% - 2rem); }
.wide header, .wide main { width: min(42rem, 100% - 2rem); }
header { padding: clamp(1.25rem, 8vh, 4.5rem) 0 2rem; }
.brand {
  margin: 0; display: flex; align-items: center; gap: .6rem;
  font: 600 1.15rem/1 "Iowan Old Style", Palatino, "Palatino Linotype", Georgia, serif; letter-spacing: .01em;
}
.gate { width: 1.75rem; height: 1.75rem; flex: none; }
.gate .wall { fill: var(--accent); }
.gate .leaf { fill: var(--accent); opacity: .45; }
main {
  position: relative; background: var(--card); border-radius: 0 0 .5rem .5rem; margin-bottom: 3rem;
  padding: clamp(1.25rem, 6vw, 2rem); box-shadow: 0 .6rem 1.6rem rgb(0 0 0 / .08);
}
main::before {
  content: ""; position: absolute; left: 0; right: 0; bottom: 100%; height: .6rem;
  background: repeating-linear-gradient(90deg, var(--card) 0 4%, transparent 4% 8%);
}
.wide main::before { background: repeating-linear-gradient(90deg, var(--card) 0 2.5641%, transparent 2.5641% 5.1282%); }
h1, h2 { font-family: "Iowan Old Style", Palatino, "Palatino Linotype", Georgia, serif; line-height: 1.2; overflow-wrap: anywhere; }
h1 { font-size: 1.75rem; font-weight: 600; margin: 0 0 1rem; }
h2 { font-size: 1.25rem; font-weight: 600; margin: 2rem 0 .75rem; }
h3 { font-size: 1rem; margin: 0; overflow-wrap: anywhere; }
p { margin: 0 0 1rem; }
p, li { overflow-wrap: anywhere; }
.door { color: var(--accent); font-size: .875rem; font-weight: 600; margin: 0 0 .5rem; display: flex; align-items: center; gap: .6rem; }
.door::before {
  content: ""; flex: none; width: 1.75rem; height: .5rem; border-radius: .1rem; border: 1px solid var(--accent);
  background: linear-gradient(90deg, var(--accent) 50%, transparent 50%);
}
.door.second::before { background: linear-gradient(90deg, transparent 50%, var(--accent) 50%); }
label { display: block; font-weight: 600; margin: 1rem 0 .35rem; }
input {
  width: 100%; min-height: 2.85rem; font: inherit; color: inherit; background: var(--card); padding: .55rem .75rem;
  border: 1px solid var(--line); border-radius: .35rem;
}
input[aria-invalid] { border-color: var(--alarm); border-width: 2px; }
button {
  font: inherit; font-weight: 600; width: 100%; min-height: 2.85rem; margin-top: .75rem; padding: .55rem 1rem;
  border-radius: .35rem; border: 1px solid var(--accent); cursor: pointer;
}
button.main { background: var(--accent); color: var(--on-accent); }
label + input + button.main, input + button.main { margin-top: 1.5rem; }
button.main:hover { background: var(--accent-strong); border-color: var(--accent-strong); }
button.quiet { background: transparent; color: var(--accent); }
button.quiet:hover { background: var(--tint); }
a, button.link { color: var(--accent); text-decoration: underline; text-underline-offset: .15em; }
button.link {
  width: auto; min-height: 0; margin: 0; padding: .2rem 0; border: 0; background: none; font-weight: 400;
}
a:hover, button.link:hover { color: var(--accent-strong); text-decoration-thickness: 2px; }
:focus-visible { outline: 3px solid var(--accent); outline-offset: 2px; border-radius: .2rem; }
.refusal, .notice { border-left: .3rem solid; padding: .6rem .85rem; border-radius: .2rem; font-weight: 600; }
.refusal { color: var(--alarm); background: var(--alarm-tint); }
.notice { color: var(--accent); background: var(--tint); }
.faint { color: var(--faint); font-size: .925rem; }
form + .faint, [data-without-passkey] + .faint { margin-top: 1rem; }
input + .faint { margin-top: .5rem; }
form.quiet + .faint { margin: 1.25rem 0 0; }
.who {
  display: flex; flex-wrap: wrap; gap: .1rem 1rem; justify-content: space-between; align-items: baseline;
  border-bottom: 1px solid var(--hair); padding-bottom: .6rem; margin-bottom: 1.1rem;
}
.who p { margin: 0; }
summary { color: var(--accent); font-weight: 600; cursor: pointer; margin-top: 1.25rem; }
summary:hover { color: var(--accent-strong); }
ul, ol { margin: 0 0 1rem; padding: 0; list-style: none; }
.scopes li { padding: .15rem 0 .15rem 1.6rem; position: relative; }
.scopes li::before {
  content: ""; position: absolute; left: .2rem; top: .62rem; width: .55rem; height: .3rem;
  border: solid var(--accent); border-width: 0 0 2px 2px; transform: rotate(-45deg);
}
.entries { border-top: 1px solid var(--hair); }
.entries > li { border-bottom: 1px solid var(--hair); padding: 1rem 0; display: grid; gap: .35rem 1.25rem; align-items: start; }
.events > li { padding: .6rem 0; }
.entries ul, .entries p { margin: 0; }
.entries button { margin: .75rem 0 0; }
.entries input + .faint { margin-top: .5rem; }
.entries summary { margin-top: .25rem; }
.codes { columns: 2 10rem; }
.codes li { padding: .15rem 0; white-space: nowrap; }
.passkey .words { margin: .5rem 0 0; color: var(--alarm); }
.passkey .words:empty { display: none; }
.tag {
  font-size: .8rem; font-weight: 600; color: var(--accent); background: var(--tint); border-radius: 1rem; padding: .1rem .6rem;
  white-space: nowrap;
}
code { font: .9em ui-monospace, monospace; }
.unseen { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }
@media (min-width: 36rem) {
  .wide .entries > li { grid-template-columns: 1fr 8rem; }
  .wide .entries > li > * { grid-column: 1; }
  .wide .entries > li > form { grid-column: 2; grid-row: 1 / span 2; }
  .wide .entries > li > details { grid-column: 1 / -1; }
  .wide .entries > li > form button { margin: 0; }
}
@media (forced-colors: active) {
  button { border: 1px solid; }
  main::before { background: none; }
}
`;
