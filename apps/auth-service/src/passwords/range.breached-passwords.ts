import { createHash } from 'node:crypto';
import type { Logger } from '@sallyport/observability';
import type { BreachedPasswords } from './breached-passwords';
import type { Password } from './password';

export interface RangeBreachedPasswordsOptions {
  /** `<base>/range/<prefix>` is asked. */
  readonly baseUrl: string;
  readonly logger: Logger;
  /** Milliseconds for the whole answer. Somebody waits for it. */
  readonly timeoutMs?: number;
}

const PREFIX_LENGTH = 5;
/** A padded answer has at most 1,000 lines of some 40 bytes. */
const LARGEST_ANSWER_BYTES = 256 * 1024;

/**
 * The range protocol of Pwned Passwords: the service is told the first 20 bits of the password's SHA-1 and answers with the
 * rest of every hash that begins so, and how often each was seen. It learns neither the password nor its hash, and by
 * `Add-Padding` who watches the line learns no prefix from the length.
 *
 * Fails open: the shipped list still holds, and a new password must not depend on somebody else's service. The log tells.
 */
export class RangeBreachedPasswords implements BreachedPasswords {
  constructor(private readonly options: RangeBreachedPasswordsOptions) {}

  async includes(password: Password): Promise<boolean> {
    const hash = createHash('sha1').update(password).digest('hex').toUpperCase();
    const [prefix, suffix] = [hash.slice(0, PREFIX_LENGTH), hash.slice(PREFIX_LENGTH)];
    try {
      return listed(await this.range(prefix), suffix);
    } catch (error) {
      this.options.logger.warn({ event: 'breach_check_failed', error });
      return false;
    }
  }

  private async range(prefix: string): Promise<string> {
    const { baseUrl, timeoutMs = 1_500 } = this.options;
    const response = await fetch(`${baseUrl}/range/${prefix}`, {
      headers: { 'Add-Padding': 'true', 'User-Agent': 'sallyport' },
      redirect: 'error',
      signal: AbortSignal.timeout(timeoutMs),
    });
    if (response.status !== 200) {
      await response.body?.cancel();
      throw new TypeError(`the range service answered ${response.status}`);
    }
    return bounded(response);
  }
}

/** Lines of `SUFFIX:COUNT`; a count of 0 is padding. */
function listed(range: string, suffix: string): boolean {
  return range.split('\n').some((line) => {
    const [listedSuffix, count] = line.trim().split(':');
    return listedSuffix?.toUpperCase() === suffix && Number(count) > 0;
  });
}

async function bounded({ body }: Response): Promise<string> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of body ?? []) {
    bytes += (chunk as Uint8Array).byteLength;
    if (bytes > LARGEST_ANSWER_BYTES) throw new TypeError('the range service answers too much');
    chunks.push(chunk as Uint8Array);
  }
  return Buffer.concat(chunks).toString();
}
