import { API_SCOPES, OPENID_SCOPES } from '../api-scopes';
import { html } from './html';
import { page } from './layout';

export interface ConsentPage {
  readonly path: string;
  readonly clientName: string;
  readonly email: string;
  /** Host the browser goes to afterwards. */
  readonly returnsTo: string;
  readonly scopes: readonly string[];
}

export function consentPage({ path, clientName, email, returnsTo, scopes }: ConsentPage): string {
  return page(
    `Allow ${clientName}?`,
    html`<p class="faint">You are signed in as ${email}.</p>
      <p><strong>${clientName}</strong> wants to:</p>
      <ul>
        ${scopes.map(
          (scope) => html`<li>${API_SCOPES[scope] ?? OPENID_SCOPES[scope] ?? scope}</li> `,
        )}
      </ul>
      <p class="faint">You go on to ${returnsTo}.</p>
      <form method="post" action="${path}/consent"><button type="submit">Allow</button></form>
      <form method="post" action="${path}/abort">
        <button type="submit" class="quiet">Do not allow</button>
      </form>`,
  );
}
