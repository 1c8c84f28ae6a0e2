import { authenticatorOf } from '../../../passkeys/passkey';
import type { Passkey } from '../../../passkeys/passkey';
import { field, hidden } from '../fields';
import { html } from '../html';
import type { Html } from '../html';
import type { FormToken } from './account-form';
import { time } from './time';

/** Below it the section's forms are posted. */
export const PASSKEYS_PATH = '/oauth2/account/passkeys';

/** What the page says of what was just done to a passkey. */
export const PASSKEY_NOTICES = {
  passkey_added: 'Added. You can sign in with this passkey from now on.',
  passkey_renamed: 'Renamed.',
  passkey_removed:
    'Removed. This passkey opens nothing any more: delete it on your device as well.',
} as const;

export interface ShownPasskeys {
  readonly passkeys: readonly Passkey[];
  /** Whether the password has to say that it may be the only factor again. */
  readonly isOnlyFactor: boolean;
}

/** The passkeys of an account; those who own it add, rename and remove them here. */
export function passkeysSection({ passkeys, isOnlyFactor }: ShownPasskeys, form: FormToken): Html {
  return html`<section aria-labelledby="passkeys">
    <h2 id="passkeys">Passkeys</h2>
    ${
      passkeys.length === 0
        ? html`<p class="faint">
            None. With a passkey you sign in by your fingerprint, your face or the PIN of your
            device, and no page that imitates this one can take it from you.
          </p>`
        : html`<ul class="entries">
            ${passkeys.map((passkey) => passkeyEntry(passkey, isOnlyFactor, form))}
          </ul>`
    }
    <p><a href="${PASSKEYS_PATH}/new">Add a passkey</a></p>
  </section>`;
}

function passkeyEntry(passkey: Passkey, isOnlyFactor: boolean, { formToken }: FormToken): Html {
  const { id, name, backupEligible, createdAt, lastUsedAt, suspectedCloneAt, needsPassword } =
    passkey;
  const fields = [
    ['passkey_id', id],
    ['form_token', formToken],
  ] as const;
  return html`<li>
    <h3>${name} <span class="tag">${backupEligible ? 'synced' : 'this device only'}</span></h3>
    ${
      suspectedCloneAt &&
      html`<p class="refusal">
        May have been copied on ${time(suspectedCloneAt)}. It signs in no more: remove it.
      </p>`
    }
    ${
      needsPassword
        ? html`<p>
            Signs in after the password alone, until it has done so once: somebody else may have
            added it. Do you not know it? Then remove it.
          </p>`
        : undefined
    }
    <p class="faint">
      ${authenticatorOf(passkey) ?? 'An authenticator of an unknown model'}. Added
      ${time(createdAt)}. ${lastUsedAt ? html`Last used ${time(lastUsedAt)}.` : 'Not used yet.'}
    </p>
    <details>
      <summary>Rename or remove<span class="unseen"> ${name}</span></summary>
      <form method="post" action="${PASSKEYS_PATH}/rename">
        ${hidden(fields)}
        ${field({
          ...{ name: 'name', id: `name-${id}`, label: 'Name', type: 'text', autocomplete: 'off' },
          ...{ maxLength: 64, value: name, isFirst: false, isRefused: false },
        })}
        <button type="submit" class="quiet">Rename<span class="unseen"> ${name}</span></button>
      </form>
      <form method="post" action="${PASSKEYS_PATH}/remove">
        ${hidden(fields)} ${isOnlyFactor ? passwordField(id) : undefined}
        <button type="submit" class="quiet">Remove<span class="unseen"> ${name}</span></button>
      </form>
    </details>
  </li>`;
}

function passwordField(id: string): Html {
  return html`${field({
      ...{ name: 'password', id: `password-${id}`, label: 'Password', type: 'password' },
      ...{ autocomplete: 'current-password', isFirst: false, isRefused: false },
      hintId: `hint-${id}`,
    })}
    <p class="faint" id="hint-${id}">
      Without it the password alone signs in again, and has to be long enough for that.
    </p>`;
}
