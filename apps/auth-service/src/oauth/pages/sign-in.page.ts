import { button, field, refusal } from './fields';
import { html } from './html';
import { page } from './layout';

export interface SignInPage {
  /** Path below which its forms are posted. */
  readonly path: string;
  /** Where somebody goes on to; undefined for the account page. */
  readonly clientName?: string | undefined;
  /** What the client or a refused attempt gave. */
  readonly email?: string | undefined;
  /** In words for the person. */
  readonly error?: string | undefined;
}

export function signInPage({ path, clientName, email, error }: SignInPage): string {
  const isRefused = error !== undefined;
  const isEmailKnown = email !== undefined && email !== '';
  return page(
    'Sign in',
    html`<p>to continue to <strong>${clientName ?? 'your account'}</strong></p>
      ${refusal(error)}
      <form method="post" action="${path}/login">
        ${field({
          ...{ name: 'email', label: 'E-mail address', type: 'email', autocomplete: 'username' },
          ...{ maxLength: 254, value: email ?? '', isFirst: !isEmailKnown, isRefused },
        })}
        ${field({
          ...{ name: 'password', label: 'Password', type: 'password' },
          ...{ autocomplete: 'current-password', isFirst: isEmailKnown, isRefused },
        })}
        <button type="submit" class="main">Sign in</button>
      </form>
      <p class="faint"><a href="/auth/forgot">Forgot your password?</a></p>
      ${clientName === undefined ? undefined : button(`${path}/abort`, 'Cancel', { look: 'quiet' })}`,
    { ...(clientName !== undefined && { door: 'first' }), isRefusal: isRefused },
  );
}
