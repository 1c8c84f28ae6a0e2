import { field, refusal } from '../oauth/pages/fields';
import { html } from '../oauth/pages/html';
import { page } from '../oauth/pages/layout';
import type { ShownRefusal } from '../link-pages/refusal-words';
import { fewestCharacters } from '../passwords/new-password';

export interface ConfirmPage {
  /** Of the form that was refused. */
  readonly token?: string | undefined;
  readonly refused?: ShownRefusal | undefined;
}

/**
 * Where somebody who registered chooses the password. The link's fragment holds the code, which the script of the reset page
 * puts into its field.
 */
export function confirmPage({ token, refused }: ConfirmPage = {}): string {
  const isTokenFirst = token === undefined || refused?.field === 'token';
  return page(
    'Open your account',
    html`${refusal(refused?.error)}
      <form method="post" action="/auth/confirm">
        ${field({
          ...{ name: 'token', label: 'Code from the mail', type: 'text', autocomplete: 'off' },
          ...{ value: token ?? '', isFirst: isTokenFirst, isRefused: refused?.field === 'token' },
        })}
        ${field({
          ...{ name: 'password', label: 'Password', type: 'password' },
          ...{ autocomplete: 'new-password', isFirst: !isTokenFirst },
          ...{ isRefused: refused?.field === 'password', hintId: 'hint' },
        })}
        <p class="faint" id="hint">
          Choose one now; whatever was entered before is not used. At least
          ${String(fewestCharacters(false))} characters of any kind: a few words that have nothing
          to do with each other, or what your password manager proposes.
        </p>
        <button type="submit" class="main">Open account</button>
      </form>
      <script src="/auth/reset.js"></script>`,
    { isRefusal: refused !== undefined },
  );
}

export function confirmedPage(): string {
  return page(
    'Your account is there',
    html`<p>You can close this page and sign in with your e-mail address and the password.</p>`,
  );
}
