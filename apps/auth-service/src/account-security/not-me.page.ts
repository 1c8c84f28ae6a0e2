import { field, refusal } from '../oauth/pages/fields';
import { html } from '../oauth/pages/html';
import type { Html } from '../oauth/pages/html';
import { page } from '../oauth/pages/layout';

export interface NotMePage {
  /** Of the form that was refused. */
  readonly token?: string | undefined;
  readonly error?: string | undefined;
}

/** What happens when somebody says that it was not them. */
export function whatIsEnded(): Html {
  return html`<ul class="scopes">
    <li>Everybody is signed out, on every device and in every application.</li>
    <li>API keys are revoked.</li>
    <li>The password works no more. You get a mail with a link for a new one.</li>
  </ul>`;
}

/** Where the link of a notice leads. Its fragment holds the code, which the script puts into its field. */
export function notMePage({ token, error }: NotMePage = {}): string {
  const isRefused = error !== undefined;
  return page(
    'Was this not you?',
    html`${refusal(error)}
      <p>If somebody else may be in your account, take it back:</p>
      ${whatIsEnded()}
      <form method="post" action="/auth/not-me">
        ${field({
          ...{ name: 'token', label: 'Code from the mail', type: 'text', autocomplete: 'off' },
          ...{ value: token ?? '', isFirst: true, isRefused },
        })}
        <button type="submit" class="main">This was not me</button>
      </form>
      ${isRefused ? undefined : html`<p class="faint">Was it you after all? Then close this page: nothing has changed.</p>`}
      <script src="/auth/not-me.js"></script>`,
    { isRefusal: isRefused },
  );
}

/** After it was said, in whatever way. */
export function securedPage(): string {
  return page(
    'Your account is secured',
    html`<p>
        Everybody was signed out, and the password works no more. A mail is on its way to you: open
        the link in it and choose a new password.
      </p>
      <p>
        Second factors you had before stay in use; a passkey asks for the new password once. When
        you are signed in again, look at what your account page says of them, and of what has
        happened.
      </p>
      <p class="faint">
        Nothing there after some minutes? <a href="/auth/forgot">Ask for another mail</a>.
      </p>`,
  );
}
