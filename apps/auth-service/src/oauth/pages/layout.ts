import { html } from './html';
import type { Html } from './html';

/** Where on the way a page is: a sally port has two doors, and who comes in passes one after the other. */
const DOORS = {
  first: 'First door: who you are',
  second: 'Second door: what you allow',
} as const;

export interface PageShape {
  /** On the way to a client; left out for pages that lead nowhere. */
  readonly door?: keyof typeof DOORS;
  /** Whether the page says what went wrong; its title then begins with it (WCAG 2.4.2, 3.3.1). */
  readonly isRefusal?: boolean;
  /** For lists, which a narrow column would make long. */
  readonly isWide?: boolean;
}

/**
 * A whole page: one column, one heading; a script only where a form brings one. What stands on the way to a client, such as a page for a one-time code,
 * names its door and brings its form; see `fields.ts` for what forms are made of.
 */
export function page(title: string, content: Html, shape: PageShape = {}): string {
  const { door, isRefusal = false, isWide = false } = shape;
  return html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="color-scheme" content="light dark" />
        <meta name="robots" content="noindex" />
        <title>${isRefusal ? 'Error: ' : ''}${title} · Sallyport</title>
        <link rel="stylesheet" href="/oauth2/style.css" />
      </head>
      <body${isWide ? html` class="wide"` : undefined}>
        <header>
          <p class="brand">${GATE}Sallyport</p>
        </header>
        <main>
          ${door && html`<p class="door ${door}">${DOORS[door]}</p>`}
          <h1>${title}</h1>
          ${content}
        </main>
      </body>
    </html> `.text;
}

/** A wall with battlements and a gate of two leaves, of which one is open. */
const GATE = html`<svg class="gate" viewBox="0 0 32 32" aria-hidden="true" focusable="false">
  <path class="wall" d="M2 30V6h5v4h6V6h6v4h6V6h5v24h-7v-7a7 7 0 0 0-14 0v7z" />
  <path class="leaf" d="M16 30V17.500a5.500 5.500 0 0 1 5.500 5.500v7z" />
</svg>`;
