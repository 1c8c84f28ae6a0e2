import { html } from './html';
import { page } from './layout';

/** For what goes wrong before it is certain that an answer may go back to the client (RFC 6749 §4.1.2.1). */
export function errorPage(code: string, description: string | undefined): string {
  return page(
    'This did not work',
    html`<p>${description ?? 'The request cannot be answered.'}</p>
      <p>Go back to the application you came from and try again.</p>
      <p class="faint">Error: <code>${code}</code></p>`,
    { isRefusal: true },
  );
}
