import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { findExecutable } from '@sallyport/dev-stores';

const NO_OATHTOOL = 'skipped: oathtool is not on the search path';

/** Codes by somebody else's hand: the OATH Toolkit's command (RFC 6238: SHA-1, six digits, thirty seconds). */
export class Oathtool {
  constructor(private readonly file: string) {}

  /** What an authenticator app with this secret, in base32, shows at a time. */
  async codeAt(secret: string, at: Date): Promise<string> {
    const { code, output } = await this.#run(secret, at);
    if (code !== 0) throw new Error(`oathtool ended with ${code}`);
    return output.trim();
  }

  /** Whether a code is the one of this secret at a time. */
  async accepts(secret: string, presented: string, at: Date): Promise<boolean> {
    const { code } = await this.#run(secret, at, presented);
    return code === 0;
  }

  /** The secret goes where no list of processes shows it. */
  async #run(
    secret: string,
    at: Date,
    ...presented: readonly string[]
  ): Promise<{ readonly code: number | null; readonly output: string }> {
    const now = `${at.toISOString().slice(0, 19).replace('T', ' ')} UTC`;
    const options = ['--totp', '--base32', '--now', now, '-', ...presented];
    const child = spawn(this.file, options, { stdio: ['pipe', 'pipe', 'ignore'] });
    child.stdin.end(secret);
    const [output, [code]] = await Promise.all([
      text(child.stdout),
      once(child, 'close') as Promise<[number | null]>,
    ]);
    return { code, output };
  }
}

/** A suite that compares with oathtool; reported as skipped, with the reason, where there is none. */
export function describeWithOathtool(name: string, suite: (oathtool: Oathtool) => void): void {
  const file = findExecutable(['oathtool']);
  if (file === undefined) describe.skip(`${name} (${NO_OATHTOOL})`, () => suite(new Oathtool('')));
  else describe(name, () => suite(new Oathtool(file)));
}
