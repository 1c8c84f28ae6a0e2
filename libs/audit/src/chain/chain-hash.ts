import { createHash } from 'node:crypto';
import { canonicalForm, type ChainedEvent } from './canonical-event';

/** Where a chain ends: what has to be remembered elsewhere to notice that its end was cut off. */
export interface ChainHead {
  /** 0 while the chain is empty. */
  readonly seq: number;
  readonly hash: Buffer;
}

/** What stands before the first row of a chain: the SHA-256 of its name, `<service>/<chain id>`. */
export function hashOfName(service: string, chainId: string): Buffer {
  return createHash('sha256').update(`${service}/${chainId}`).digest();
}

/** SHA-256 of the hash before and the event's canonical form. */
export function hashOf(previousHash: Buffer, event: ChainedEvent): Buffer {
  return createHash('sha256').update(previousHash).update(canonicalForm(event)).digest();
}

/** `<seq>:<hash in hex>`, as heads are printed, logged and remembered. */
export function formatHead({ seq, hash }: ChainHead): string {
  return `${seq}:${hash.toString('hex')}`;
}

/** The head that {@link formatHead} wrote; undefined for any other text. */
export function parseHead(text: string): ChainHead | undefined {
  const [, seq, hash] = /^(0|[1-9]\d{0,15}):([0-9a-f]{64})$/.exec(text) ?? [];
  if (hash === undefined || !Number.isSafeInteger(Number(seq))) return undefined;
  return { seq: Number(seq), hash: Buffer.from(hash, 'hex') };
}
