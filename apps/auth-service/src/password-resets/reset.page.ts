import { html } from '../oauth/pages/html';
import { page } from '../oauth/pages/layout';
import { fewestCharacters } from '../passwords/new-password';

export interface ResetPage {
  /** Of the form that was refused. */
  readonly token?: string | undefined;
  /** In words for the person. */
  readonly error?: string | undefined;
}

/** Where somebody chooses a new password. The link's fragment holds the code, which the script puts into its field. */
export function resetPage({ token, error }: ResetPage = {}): string {
  return page(
    'Choose a new password',
    html`${errorOf(error)}
      <form method="post" action="/auth/reset">
        <label for="token">Code from the mail</label>
        <input
          type="text"
          id="token"
          name="token"
          value="${token}"
          required
          autocomplete="off"
          autocapitalize="none"
          spellcheck="false"
        />
        <label for="password">New password</label>
        <input
          id="password"
          name="password"
          type="password"
          required
          autocomplete="new-password"
          aria-describedby="hint"
        />
        <p class="faint" id="hint">
          At least ${String(fewestCharacters(false))} characters of any kind. A few words that have
          nothing to do with each other, or what your password manager proposes.
        </p>
        <button type="submit">Set password</button>
      </form>
      <p class="faint"><a href="/auth/forgot">Ask for another mail</a></p>
      <script src="/auth/reset.js"></script>`,
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
  return page(
    'Forgot your password?',
    html`${errorOf(error)}
      <p>You get a mail with a link by which you can choose a new one.</p>
      <form method="post" action="/auth/forgot">
        <label for="email">E-mail address</label>
        <input id="email" name="email" type="email" required autocomplete="username" />
        <button type="submit">Send mail</button>
      </form>
      <p class="faint"><a href="/auth/reset">I have a code</a></p>`,
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

function errorOf(error: string | undefined) {
  return error === undefined ? undefined : html`<p class="error" role="alert">${error}</p>`;
}
