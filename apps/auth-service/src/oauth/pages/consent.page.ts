import { button } from './fields';
import { html } from './html';
import type { Html } from './html';
import { page } from './layout';
import { inReadingOrder, scopeWords } from './scope-words';

export interface ConsentPage {
  readonly path: string;
  readonly clientName: string;
  readonly email: string;
  /** Where the browser goes afterwards. */
  readonly redirectUri: string;
  /** What there is to allow: nothing the account does not hold. */
  readonly scopes: readonly string[];
}

export function consentPage(shape: ConsentPage): string {
  const { path, clientName, email, redirectUri, scopes } = shape;
  return page(
    scopes.length === 0 ? `Nothing for ${clientName}` : `Allow ${clientName}?`,
    html`<div class="who">
        <p>Signed in as <strong>${email}</strong></p>
        ${button(`${path}/switch`, 'Not you?', { look: 'link' })}
      </div>
      ${scopes.length === 0 ? nothing(clientName) : wishes(clientName, scopes)}
      ${receiver(new URL(redirectUri))}
      ${scopes.length === 0 ? undefined : button(`${path}/consent`, 'Allow', { look: 'main' })}
      ${button(`${path}/abort`, scopes.length === 0 ? 'Go back' : 'Do not allow', { look: 'quiet' })}
      <p class="faint">
        What you allow is kept, and can be withdrawn, on
        <a href="/oauth2/account">your account page</a>.
      </p>`,
    { door: 'second' },
  );
}

function wishes(clientName: string, scopes: readonly string[]): Html {
  return html`<p id="wishes"><strong>${clientName}</strong> wants to:</p>
    <ul class="scopes" aria-labelledby="wishes">
      ${inReadingOrder(scopes).map((scope) => html`<li>${scopeWords(scope)}</li>`)}
    </ul>`;
}

function nothing(clientName: string): Html {
  return html`<p>
    What <strong>${clientName}</strong> asks for, your account may not do itself. There is nothing
    to allow.
  </p>`;
}

/** Who gets the answer: a web site has a name, an application on the device could be any (RFC 8252 §8.6). */
function receiver({ protocol, host }: URL): Html {
  return protocol === 'https:'
    ? html`<p class="faint">The answer goes to <strong>${host}</strong>.</p>`
    : html`<p class="faint">
        The answer goes to an application on this device, by way of
        <strong>${protocol === 'http:' ? host : protocol.slice(0, -1)}</strong>. Allow it only if
        you have just started this there.
      </p>`;
}
