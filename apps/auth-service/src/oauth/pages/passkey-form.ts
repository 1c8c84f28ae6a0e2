import { hidden } from './fields';
import type { Fields } from './fields';
import { html } from './html';
import type { Html } from './html';

export interface PasskeyForm {
  readonly action: string;
  /** What the script does when it is submitted, or before. */
  readonly use: 'sign-in' | 'complete' | 'create';
  /** For `navigator.credentials`, as JSON. */
  readonly options: string;
  readonly label: string;
  readonly look: 'main' | 'quiet';
  readonly fields?: Fields;
  /** What comes before the button. */
  readonly content?: Html;
  /** What somebody is told when no passkey answers. */
  readonly failed: string;
}

/** Told to somebody who adds a second passkey on the same authenticator. */
const EXISTS = 'This device or password manager has a passkey for your account already.';

/**
 * A form that an authenticator fills in, by the script it brings: hidden until that has seen that the browser knows passkeys.
 * What it submits goes where every form goes, so that nothing is asked and answered beside the pages.
 */
export function passkeyForm(shape: PasskeyForm): Html {
  const { action, use, options, label, look, fields = [], content, failed } = shape;
  return html`<script src="/oauth2/passkey.js" defer></script>
    <form
      method="post"
      action="${action}"
      data-passkey="${use}"
      data-options="${options}"
      data-failed="${failed}"
      data-exists="${EXISTS}"
      class="passkey"
      hidden
    >
      ${content}${hidden([...fields, ['credential', '']])}
      <button type="submit" class="${look}">${label}</button>
      <p class="words" id="passkey-words" role="status"></p>
    </form> `;
}
