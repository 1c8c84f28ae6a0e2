import { request } from 'node:https';
import { setTimeout as delay } from 'node:timers/promises';
import { SmsNotSent } from './sms-sender';
import type { OutgoingSms, SmsSender } from './sms-sender';

export interface HttpSmsSenderOptions {
  /** Where messages are posted to, `https:`. */
  readonly url: string;
  /** What they come from: a number, or a name of up to eleven letters and digits. */
  readonly from: string;
  /** `user:password`, as in basic authentication. */
  readonly credentials: string;
  /** PEM of the authorities that the server's certificate is checked against; the machine's own when left out. */
  readonly ca?: string;
  /** Milliseconds for one answer. Somebody waits for it. */
  readonly timeoutMs?: number;
}

/** Two, with the pause between them, stay below what a request waits for. */
const ATTEMPTS = 2;
const PAUSE_MS = 250;
const TIMEOUT_MS = 3_000;

/**
 * The form that providers of text messages have in common, Twilio's before all: `POST` of `To`, `From` and `Body` with basic
 * authentication, `2xx` once it is theirs. TLS 1.2 or later with a verified certificate, or nothing is sent; no redirect is
 * followed. A connection that fails and a `5xx` are tried once more: the receiver may get the same code twice.
 */
export class HttpSmsSender implements SmsSender {
  readonly #options: HttpSmsSenderOptions;

  constructor(options: HttpSmsSenderOptions) {
    this.#options = options;
  }

  async send({ to, text }: OutgoingSms): Promise<void> {
    const form = new URLSearchParams({ To: to, From: this.#options.from, Body: text }).toString();
    for (let attempt = 1; ; attempt += 1) {
      const outcome = await this.#post(form).catch(nameOf);
      if (typeof outcome === 'number' && outcome >= 200 && outcome < 300) return;
      const mayBeBetter = typeof outcome === 'string' || outcome >= 500;
      if (!mayBeBetter || attempt === ATTEMPTS) throw notSent(outcome);
      await delay(PAUSE_MS);
    }
  }

  /** Resolves with the status; what else the provider says is not read. */
  #post(form: string): Promise<number> {
    const { url, credentials, ca, timeoutMs = TIMEOUT_MS } = this.#options;
    return new Promise((resolve, reject) => {
      const outgoing = request(
        url,
        {
          method: 'POST',
          headers: {
            authorization: `Basic ${Buffer.from(credentials).toString('base64')}`,
            'content-type': 'application/x-www-form-urlencoded',
            'content-length': Buffer.byteLength(form),
            'user-agent': 'sallyport',
          },
          minVersion: 'TLSv1.2',
          rejectUnauthorized: true,
          ...(ca !== undefined && { ca }),
          agent: false,
          signal: AbortSignal.timeout(timeoutMs),
        },
        (response) => {
          resolve(response.statusCode ?? 0);
          response.destroy();
        },
      );
      outgoing.on('error', reject);
      outgoing.end(form);
    });
  }
}

/** Of a failed connection its code: the message may quote what was sent. */
function nameOf(error: unknown): string {
  const { code } = error as { readonly code?: unknown };
  return typeof code === 'string' ? code : 'unknown';
}

/** 400 and its like are about the number or the text; 401, 403, 404 and 429 about the account with the provider. */
function notSent(outcome: number | string): SmsNotSent {
  const isFinal = outcome === 400 || outcome === 422;
  return new SmsNotSent(typeof outcome === 'number' ? `status ${outcome}` : outcome, isFinal);
}
