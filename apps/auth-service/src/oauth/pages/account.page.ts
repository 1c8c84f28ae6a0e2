import type { OwnEvent } from '@sallyport/audit';
import type { HeldSession } from '../account/held-sessions.repository';
import type { ListedConsent } from '../consents/consents.repository';
import type { FormToken } from './account/account-form';
import { consentsSection } from './account/consents.section';
import { eventsSection } from './account/events.section';
import { factorsSection } from './account/factors.section';
import type { ShownFactors } from './account/factors.section';
import { notMeSection } from './account/not-me.section';
import { passkeysSection, PASSKEY_NOTICES } from './account/passkeys.section';
import type { ShownPasskeys } from './account/passkeys.section';
import { sessionsSection } from './account/sessions.section';
import { refusal } from './fields';
import { html } from './html';
import { page } from './layout';

/** What the account page says of what was just done. */
export const NOTICES = {
  withdrawn: 'Withdrawn. The application has no access any more.',
  ended: 'Ended.',
  ...PASSKEY_NOTICES,
} as const;

export interface AccountPage extends FormToken, ShownFactors, ShownPasskeys {
  readonly email: string;
  readonly consents: readonly ListedConsent[];
  readonly sessions: readonly HeldSession[];
  readonly events: readonly OwnEvent[];
  readonly notice?: string | undefined;
  readonly error?: string | undefined;
}

/** Section after section, each of which looks after itself. */
export function accountPage(shape: AccountPage): string {
  const { email, consents, sessions, events, notice, error } = shape;
  return page(
    'Your account',
    html`<div class="who">
        <p>Signed in as <strong>${email}</strong></p>
        <a href="/oauth2/logout">Sign out</a>
      </div>
      ${refusal(error)}
      ${notice === undefined ? undefined : html`<p class="notice" role="status">${notice}</p>`}
      ${consentsSection(consents, shape)} ${sessionsSection(sessions, shape)}
      ${factorsSection(shape)} ${passkeysSection(shape, shape)} ${eventsSection(events)}
      ${notMeSection(shape)}`,
    { isWide: true, isRefusal: error !== undefined },
  );
}
