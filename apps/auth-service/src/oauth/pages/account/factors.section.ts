import type { EnrolledFactor, FactorType } from '../../../mfa/factor-kind';
import { html } from '../html';
import type { Html } from '../html';
import { time } from './time';

/** What somebody signs in with. */
export interface ShownFactors {
  readonly passwordChangedAt: Date | undefined;
  readonly factors: readonly EnrolledFactor[];
  readonly recoveryCodesLeft: number;
}

const NAMES: Readonly<Record<FactorType, string>> = {
  totp: 'Authenticator app',
  passkey: 'Passkey',
  sms: 'Text message',
};

/** The password, the second factors and the recovery codes. */
export function factorsSection(shown: ShownFactors): Html {
  const { passwordChangedAt, factors, recoveryCodesLeft } = shown;
  const passkeys = factors.filter(({ type }) => type === 'passkey');
  const others = factors.filter((factor) => !passkeys.includes(factor));
  return html`<section aria-labelledby="factors">
    <h2 id="factors">How you sign in</h2>
    <ul class="entries">
      <li>
        <h3>Password</h3>
        ${passwordChangedAt && html`<p class="faint">Set ${time(passwordChangedAt)}.</p>`}
      </li>
      ${others.map(factorEntry)} ${passkeys.length > 0 ? passkeysEntry(passkeys.length) : undefined}
      ${factors.length > 0 ? codesEntry(recoveryCodesLeft) : undefined}
    </ul>
    ${
      factors.length > 0
        ? undefined
        : html`<p class="faint">
            There is no second factor: whoever knows the password can sign in.
          </p>`
    }
  </section>`;
}

function factorEntry({ type, name, enrolledAt, lastUsedAt }: EnrolledFactor): Html {
  return html`<li>
    <h3>${NAMES[type]}${name === undefined ? undefined : html`: ${name}`}</h3>
    <p class="faint">
      In use since ${time(enrolledAt)}.${lastUsedAt && html` Last used ${time(lastUsedAt)}.`}
    </p>
  </li>`;
}

/** They have a section of their own, which tells them apart. */
function passkeysEntry(count: number): Html {
  return html`<li>
    <h3>${String(count)} ${count === 1 ? 'passkey' : 'passkeys'}</h3>
    <p class="faint">See <a href="#passkeys">Passkeys</a>.</p>
  </li>`;
}

function codesEntry(left: number): Html {
  return html`<li>
    <h3>Recovery codes</h3>
    <p class="faint">
      ${left === 0 ? 'None is left: make new ones.' : `${String(left)} of 10 are left.`}
    </p>
  </li>`;
}
