/** The look of all pages: the system's own font and colours of sufficient contrast in light and dark (WCAG 1.4.3). */
export const STYLE = `:root {
  color-scheme: light dark;
  --ink: #16202b; --faint: #55606c; --paper: #f4f5f7; --card: #fff; --line: #8a95a1;
  --accent: #0b5cad; --on-accent: #fff; --alarm: #a3141d;
}
@media (prefers-color-scheme: dark) {
  :root {
    --ink: #e8edf2; --faint: #aab5c0; --paper: #10161d; --card: #1a222b; --line: #75818d;
    --accent: #7cb7f5; --on-accent: #0b1622; --alarm: #ff9c9c;
  }
}
* { box-sizing: border-box; }
body {
  margin: 0; min-height: 100vh; background: var(--paper); color: var(--ink);
  font: 1rem/1.5 system-ui, sans-serif; display: flex; flex-direction: column; align-items: center;
}
header, main { width: min(26rem, 100% - 2rem); }
header { padding: 2rem 0 1rem; }
main { background: var(--card); border-radius: .75rem; padding: 1.5rem; margin-bottom: 2rem; }
.brand { margin: 0; font-weight: 600; display: flex; align-items: center; gap: .5rem; }
.gate {
  width: 1.1rem; height: 1.1rem; border: .2rem solid var(--accent); border-bottom: 0;
  border-radius: .6rem .6rem 0 0;
}
h1 { font-size: 1.4rem; line-height: 1.25; margin: 0 0 1rem; overflow-wrap: anywhere; }
label { display: block; font-weight: 600; margin-top: 1rem; }
input[type=email], input[type=password], input[type=text] {
  width: 100%; font: inherit; color: inherit; background: var(--card); padding: .6rem .7rem;
  border: 1px solid var(--line); border-radius: .4rem;
}
button {
  font: inherit; font-weight: 600; width: 100%; margin-top: 1rem; padding: .7rem; border-radius: .4rem;
  border: 1px solid var(--accent); background: var(--accent); color: var(--on-accent); cursor: pointer;
}
button.quiet { background: transparent; color: var(--accent); }
:focus-visible { outline: 3px solid var(--accent); outline-offset: 2px; }
.error { color: var(--alarm); font-weight: 600; margin: 0 0 1rem; }
.faint { color: var(--faint); overflow-wrap: anywhere; }
summary { cursor: pointer; margin-top: 1rem; }
ul { padding-left: 1.2rem; }
`;
