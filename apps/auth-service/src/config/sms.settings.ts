import { readFileSync } from 'node:fs';
import { ConfigurationError } from '@sallyport/configuration';
import type { Clock } from '@sallyport/tokens';
import { LocalOutbox } from '../mail/local.outbox';
import { HttpSmsSender } from '../sms/http.sms-sender';
import { LocalSmsSender } from '../sms/local.sms-sender';
import type { SmsOffer } from '../sms/sms-sender';
import { SMS_LIMITS } from '../throttling/sms-throttle';
import type { SmsLimits } from '../throttling/sms-throttle';
import type { AuthServiceConfig } from './auth-service.config';

/** What goes with an address that messages are posted to. */
const WITH_URL = ['SMS_API_CREDENTIALS_FILE', 'SMS_FROM', 'SMS_COUNTRIES'] as const;

/** User and password, without control characters; RFC 7617 allows no colon in the first. */
const CREDENTIALS = /^[\x21-\x39\x3b-\x7e]+:[\x21-\x7e]+$/;

/**
 * Sending costs money and is worth money to others: with an address to post to, nothing about where from and where to is
 * taken for granted.
 *
 * @throws ConfigurationError
 */
export function assertSmsSettings(config: AuthServiceConfig): void {
  if (config.SMS_API_URL === undefined) return;
  if (config.SMS_OUTBOX_DIR !== undefined) {
    throw new ConfigurationError('SMS_OUTBOX_DIR', 'not accepted beside SMS_API_URL');
  }
  for (const name of WITH_URL) {
    if (config[name] !== undefined) continue;
    throw new ConfigurationError(name, 'expected beside SMS_API_URL, but it is not set');
  }
}

/** Which way text messages go; none when nothing is configured: nobody is offered any. @throws ConfigurationError */
export function smsOfferOf(config: AuthServiceConfig, clock: Clock): SmsOffer | undefined {
  const { SMS_OUTBOX_DIR: folder, SMS_COUNTRIES, SMS_API_URL: url, SMS_FROM: from } = config;
  // On somebody's own machine nothing is sent, and nothing costs.
  const countries = SMS_COUNTRIES ?? 'every';
  if (folder !== undefined) {
    return { sender: new LocalSmsSender(new LocalOutbox(folder, clock)), countries };
  }
  const { SMS_API_CREDENTIALS_FILE: credentialsFile, SMS_API_CA_FILE: caFile } = config;
  if (url === undefined || from === undefined || credentialsFile === undefined) return undefined;
  const credentials = readFileSync(credentialsFile, 'utf8').trim();
  if (!CREDENTIALS.test(credentials)) {
    throw new ConfigurationError('SMS_API_CREDENTIALS_FILE', 'expected user:password on one line');
  }
  const ca = caFile === undefined ? undefined : readFileSync(caFile, 'utf8');
  const sender = new HttpSmsSender({ url, from, credentials, ...(ca !== undefined && { ca }) });
  return { sender, countries };
}

/** {@link SMS_LIMITS} with those that the operator has set. */
export function smsLimitsOf(config: AuthServiceConfig): SmsLimits {
  return {
    ...SMS_LIMITS,
    address: { ...SMS_LIMITS.address, attempts: config.SMS_PER_ADDRESS },
    everything: { ...SMS_LIMITS.everything, attempts: config.SMS_PER_HOUR },
  };
}
