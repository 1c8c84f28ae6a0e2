import { button, field, refusal } from './fields';
import { html } from './html';
import type { Html } from './html';
import { page } from './layout';
import { passkeyForm } from './passkey-form';

export interface SignInPage {
  /** Path below which its forms are posted. */
  readonly path: string;
  /** Where somebody goes on to; undefined for the account page. */
  readonly clientName?: string | undefined;
  /** What the client or a refused attempt gave. */
  readonly email?: string | undefined;
  /** In words for the person. */
  readonly error?: string | undefined;
  /** What a passkey is asked, as JSON. */
  readonly passkeyOptions: string;
  /** What somebody who is signed in signs in again for. */
  readonly purpose?: string | undefined;
}

export function signInPage(shape: SignInPage): string {
  const { path, clientName, email, error, passkeyOptions, purpose } = shape;
  const isRefused = error !== undefined;
  const isEmailKnown = email !== undefined && email !== '';
  return page(
    'Sign in',
    html`${purpose === undefined ? goal(clientName) : html`<p>${purpose}</p>`} ${refusal(error)}
      <form method="post" action="${path}/login">
        ${field({
          ...{ name: 'email', label: 'E-mail address', type: 'email' },
          ...{ autocomplete: 'username webauthn', maxLength: 254, value: email ?? '' },
          ...{ isFirst: !isEmailKnown, isRefused },
        })}
        ${field({
          ...{ name: 'password', label: 'Password', type: 'password' },
          ...{ autocomplete: 'current-password', isFirst: isEmailKnown, isRefused },
        })}
        <button type="submit" class="main">Sign in</button>
      </form>
      ${passkeyForm({
        ...{ action: `${path}/passkey`, use: 'sign-in', options: passkeyOptions },
        ...{ label: 'Sign in with a passkey', look: 'quiet' },
        failed: 'No passkey was used. Try again, or sign in with your password.',
      })}
      <p class="faint"><a href="/auth/forgot">Forgot your password?</a></p>
      ${clientName === undefined ? undefined : button(`${path}/abort`, 'Cancel', { look: 'quiet' })}`,
    { ...(clientName !== undefined && { door: 'first' }), isRefusal: isRefused },
  );
}

function goal(clientName = 'your account'): Html {
  return html`<p>to continue to <strong>${clientName}</strong></p>`;
}
