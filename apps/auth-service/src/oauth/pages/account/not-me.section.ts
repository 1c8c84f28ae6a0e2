import { whatIsEnded } from '../../../account-security/not-me.page';
import { html } from '../html';
import type { Html } from '../html';
import { accountButton } from './account-form';
import type { FormToken } from './account-form';

/** The way out when somebody else is in the account: opened first, so that no slip of a finger ends everything. */
export function notMeSection({ formToken }: FormToken): Html {
  return html`<section aria-labelledby="not-me">
    <h2 id="not-me">Something here was not you?</h2>
    <details>
      <summary>Take your account back</summary>
      ${whatIsEnded()}
      ${accountButton('compromised', 'This was not me', { formToken, look: 'main' })}
    </details>
  </section>`;
}
