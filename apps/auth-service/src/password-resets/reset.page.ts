import { field, refusal } from '../oauth/pages/fields';
import { html } from '../oauth/pages/html';
import { page } from '../oauth/pages/layout';
import { fewestCharacters } from '../passwords/new-password';
import type { ShownRefusal } from '../link-pages/refusal-words';

export interface ResetPage {
  /** Of the form that was refused. */
  readonly token?: string | undefined;
  readonly refused?: ShownRefusal | undefined;
}

/** Where somebody chooses a new password. The link's fragment holds the code, which the script puts into its field. */
export function resetPage({ token, refused }: ResetPage = {}): string {
  const isTokenFirst = token === undefined || refused?.field === 'token';
  return page(
    'Choose a new password',
    html`${refusal(refused?.error)}
      <form method="post" action="/auth/reset">
        ${field({
          ...{ name: 'token', label: 'Code from the mail', type: 'text', autocomplete: 'off' },
          ...{ value: token ?? '', isFirst: isTokenFirst, isRefused: refused?.field === 'token' },
        })}
        ${field({
          ...{ name: 'password', label: 'New password', type: 'password' },
          ...{ autocomplete: 'new-password', isFirst: !isTokenFirst },
          ...{ isRefused: refused?.field === 'password', hintId: 'hint' },
        })}
        <p class="faint" id="hint">
          At least ${String(fewestCharacters(false))} characters of any kind. A few words that have
          nothing to do with each other, or what your password manager proposes.
        </p>
        <button type="submit" class="main">Set password</button>
      </form>
      <p class="faint"><a href="/auth/forgot">Ask for another mail</a></p>
      <script src="/auth/reset.js"></script>`,
    { isRefusal: refused !== undefined },
  );
}

export function resetDonePage(): string {
  return page(
    'Your password is set',
    html`<p>
      Everybody who was signed in to your account has been signed out. You can close this page and
      sign in with the new password.
    </p>`,
  );
}

/** Where somebody asks for the mail. */
export function forgotPage(error?: string): string {
  const isRefused = error !== undefined;
  return page(
    'Forgot your password?',
    html`${refusal(error)}
      <p>You get a mail with a link by which you can choose a new one.</p>
      <form method="post" action="/auth/forgot">
        ${field({
          ...{ name: 'email', label: 'E-mail address', type: 'email', autocomplete: 'username' },
          ...{ isFirst: true, isRefused },
        })}
        <button type="submit" class="main">Send mail</button>
      </form>
      <p class="faint"><a href="/auth/reset">I have a code</a></p>`,
    { isRefusal: isRefused },
  );
}

/** The same for every address. */
export function askedPage(): string {
  return page(
    'Look at your mail',
    html`<p>
        If there is an account for this address, a mail is on its way to it. The link in it works
        for 30 minutes.
      </p>
      <p class="faint">
        Nothing there? Look among the unwanted mail, and whether the address was right.
      </p>
      <p class="faint"><a href="/auth/reset">I have a code</a></p>`,
  );
}
