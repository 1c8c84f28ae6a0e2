import { html } from './html';
import type { Html } from './html';

/** A whole page: one column, one heading, no script. */
export function page(title: string, content: Html): string {
  return html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="robots" content="noindex" />
        <title>${title} · Sallyport</title>
        <link rel="stylesheet" href="/oauth2/style.css" />
      </head>
      <body>
        <header>
          <p class="brand" aria-label="Sallyport">
            <span class="gate" aria-hidden="true"></span>Sallyport
          </p>
        </header>
        <main>
          <h1>${title}</h1>
          ${content}
        </main>
      </body>
    </html> `.text;
}
