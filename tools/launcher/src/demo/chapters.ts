import { ACCESS_TOKEN_ATTACKS } from './attacks/access-tokens';
import { CALLER_ATTACKS } from './attacks/callers';
import { CERTIFICATE_ATTACKS } from './attacks/certificates';
import { IDENTITY_HEADER_ATTACKS } from './attacks/identity-headers';
import { TRANSACTION_TOKEN_ATTACKS } from './attacks/transaction-tokens';
import type { Chapter } from './step';
import { API_KEYS } from './story/api-keys';
import { STORY } from './story/chapter';
import { OUTAGE } from './story/outage';

/** The demo from beginning to end. */
export const CHAPTERS: readonly Chapter[] = [
  STORY,
  API_KEYS,
  IDENTITY_HEADER_ATTACKS,
  ACCESS_TOKEN_ATTACKS,
  CERTIFICATE_ATTACKS,
  CALLER_ATTACKS,
  TRANSACTION_TOKEN_ATTACKS,
  OUTAGE,
];
