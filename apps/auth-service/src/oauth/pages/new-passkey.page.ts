import { PASSKEYS_PATH } from './account/passkeys.section';
import { field, refusal } from './fields';
import { html } from './html';
import { page } from './layout';
import { passkeyForm } from './passkey-form';

export interface NewPasskeyPage {
  /** What the authenticator is asked, as JSON. */
  readonly options: string;
  readonly formToken: string;
  /** That was given before. */
  readonly name?: string | undefined;
  readonly error?: string | undefined;
}

/** Where somebody signed in adds a passkey. */
export function newPasskeyPage({ options, formToken, name = '', error }: NewPasskeyPage): string {
  return page(
    'Add a passkey',
    html`${refusal(error)}
      <p>
        Your device or password manager asks for your fingerprint, your face or a PIN. It tells
        nothing of that to this site. Everywhere else you are signed out.
      </p>
      ${passkeyForm({
        ...{ action: PASSKEYS_PATH, use: 'create', options, label: 'Create passkey', look: 'main' },
        fields: [['form_token', formToken]],
        content: field({
          ...{ name: 'name', label: 'Name (optional)', type: 'text', autocomplete: 'off' },
          ...{ maxLength: 64, value: name, isFirst: true, isOptional: true },
          isRefused: error !== undefined,
        }),
        failed: 'No passkey was made. Try again.',
      })}
      <p data-without-passkey>This browser knows no passkeys, or runs no scripts.</p>
      <p class="faint"><a href="/oauth2/account">Back to your account</a></p>`,
    { isRefusal: error !== undefined },
  );
}
